-- Who is signed in, and how often somebody tried to. Nothing here is a token, a password, an e-mail or an address.

-- What one login leads to: each refresh replaces the hash. Null: a token of the family came twice, none of them holds any more.
CREATE TABLE "RefreshFamily" (
  "id"        {uuid} PRIMARY KEY,
  "userId"    {uuid} NOT NULL,
  "tokenHash" {text}, -- SHA-256 of the only token that holds
  "expiresAt" {instant} NOT NULL
);

CREATE INDEX "RefreshFamily_userId" ON "RefreshFamily" ("userId");
CREATE INDEX "RefreshFamily_expiresAt" ON "RefreshFamily" ("expiresAt");

-- Logins since the last one that went well. The account is a keyed hash of the e-mail, whether somebody has that e-mail or not.
CREATE TABLE "LoginAttempt" (
  "account" {text} NOT NULL,
  "device"  {text} NOT NULL, -- empty for browsers that never signed in to this account
  "count"   {integer} NOT NULL,
  "until"   {instant} NOT NULL, -- when they are forgotten
  PRIMARY KEY ("account", "device")
);

CREATE INDEX "LoginAttempt_until" ON "LoginAttempt" ("until");
