-- What an intake still has to destroy. Nothing of the report is in it.
CREATE TABLE erasures (report TEXT PRIMARY KEY, owner TEXT NOT NULL, signature TEXT NOT NULL) WITHOUT ROWID;
