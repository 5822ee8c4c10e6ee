-- The name of the key that the headers of its parts are closed under; empty: whole parts, of an older Stonechat.
ALTER TABLE outbox ADD COLUMN key BLOB NOT NULL DEFAULT x'';
