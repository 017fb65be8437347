-- Who may open an account. A row is deleted when it is used or revoked.
CREATE TABLE "Invitation" (
  "id"        {uuid} PRIMARY KEY,
  "tokenHash" {text} NOT NULL UNIQUE, -- SHA-256 of the token in the link
  "email"     {text},                 -- the address that the account gets; null where the invited person chooses it
  "createdAt" {instant} NOT NULL,
  "expiresAt" {instant} NOT NULL
);
