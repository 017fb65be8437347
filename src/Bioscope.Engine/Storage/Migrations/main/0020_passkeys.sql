-- Keys in a user's devices that sign her in without a password.
CREATE TABLE "Passkey" (
  "id"        {text} PRIMARY KEY, -- as its device names it, in base64url
  "userId"    {uuid} NOT NULL,
  "publicKey" {bytes} NOT NULL,
  "signCount" {integer} NOT NULL, -- 0 for one that is on several devices; its 32 bits, with a sign
  "client"    {text},             -- browser and system in words, as of a session
  "createdAt" {instant} NOT NULL,
  "usedAt"    {instant}
);

CREATE INDEX "Passkey_userId" ON "Passkey" ("userId");

-- Challenges that were answered, so that no answer counts twice. Deleted when they would have ended anyway.
CREATE TABLE "UsedChallenge" (
  "hash"  {text} PRIMARY KEY,
  "until" {instant} NOT NULL
);
