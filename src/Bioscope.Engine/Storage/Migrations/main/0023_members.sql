-- Who else may see or change a page. Its owner is not in here.
CREATE TABLE "PageMember" (
  "bioPageId" {uuid} NOT NULL,
  "userId"    {uuid} NOT NULL,
  "role"      {text} NOT NULL CHECK ("role" IN ('viewer', 'editor')),
  "createdAt" {instant} NOT NULL,
  PRIMARY KEY ("bioPageId", "userId")
);

CREATE INDEX "PageMember_userId" ON "PageMember" ("userId");

-- Who may become a member, by a link made of the id and a keyed hash of it. A row is deleted when it is used or revoked.
CREATE TABLE "MemberInvitation" (
  "id"        {uuid} PRIMARY KEY,
  "bioPageId" {uuid} NOT NULL,
  "email"     {text}, -- where the link was sent; it opens the page to whoever has it
  "role"      {text} NOT NULL CHECK ("role" IN ('viewer', 'editor')),
  "createdAt" {instant} NOT NULL,
  "expiresAt" {instant} NOT NULL
);

CREATE INDEX "MemberInvitation_bioPageId" ON "MemberInvitation" ("bioPageId");
