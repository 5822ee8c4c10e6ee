-- WITHOUT ROWID and random keys: the order of rows tells nothing about the order of people.
CREATE TABLE conversations (id BLOB PRIMARY KEY, record BLOB NOT NULL, due INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX conversations_due ON conversations (due);
CREATE TABLE parts (
  conversation BLOB NOT NULL, number INTEGER NOT NULL, header BLOB NOT NULL, payload BLOB NOT NULL,
  PRIMARY KEY (conversation, number)
) WITHOUT ROWID;
CREATE TABLE updates (id BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox (
  report TEXT PRIMARY KEY, version INTEGER NOT NULL, manifest BLOB NOT NULL, signature TEXT NOT NULL,
  ready INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE outbox_parts (
  report TEXT NOT NULL REFERENCES outbox (report) ON DELETE CASCADE, name TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (report, name)
) WITHOUT ROWID;
CREATE TABLE receipts (lookup BLOB PRIMARY KEY, day TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE chores (id BLOB PRIMARY KEY, record BLOB NOT NULL, due INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE set_aside (id BLOB PRIMARY KEY, sealed BLOB NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID;
