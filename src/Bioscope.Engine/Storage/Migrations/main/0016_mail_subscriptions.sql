-- Which mails about a page a user wants. Nobody gets one without asking for it.
CREATE TABLE "MailSubscription" (
  "bioPageId" {uuid} NOT NULL,
  "userId"    {uuid} NOT NULL,
  "weekly"    {boolean} NOT NULL,
  "monthly"   {boolean} NOT NULL,
  "spikes"    {boolean} NOT NULL,
  "drops"     {boolean} NOT NULL,
  "times"     {integer} NOT NULL, -- a spike has at least so many times the usual visits; a drop at most that part of them
  "minVisits" {integer} NOT NULL, -- fewer are no spike, and where fewer are usual there is no drop
  "changedAt" {instant} NOT NULL,
  PRIMARY KEY ("bioPageId", "userId")
);
