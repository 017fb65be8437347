-- Servers that run on this database now.
CREATE TABLE "Instance" (
  "id"          {uuid} PRIMARY KEY,
  "name"        {text} NOT NULL,    -- its machine and process
  "startedAt"   {instant} NOT NULL,
  "seenAt"      {instant} NOT NULL,
  "secrets"     {text} NOT NULL,    -- a short hash of each, to compare
  "connections" {integer} NOT NULL  -- to both databases, at most
);
