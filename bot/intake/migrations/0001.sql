CREATE TABLE versions (
  report TEXT NOT NULL, version INTEGER NOT NULL, manifest BLOB NOT NULL, signature TEXT NOT NULL,
  received TEXT NOT NULL, day TEXT NOT NULL, delete_after TEXT, signer TEXT NOT NULL,
  PRIMARY KEY (report, version)
) WITHOUT ROWID;
CREATE TABLE parts (
  report TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, day TEXT NOT NULL,
  PRIMARY KEY (report, name, sha256)
) WITHOUT ROWID;
CREATE TABLE tombstones (report TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID;
