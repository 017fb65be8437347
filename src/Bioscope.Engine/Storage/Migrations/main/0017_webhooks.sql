-- Addresses of other programs that are told what happens on a page. Their secrets are not here: they are made of the id and our own.
CREATE TABLE "Webhook" (
  "id"        {uuid} PRIMARY KEY,
  "bioPageId" {uuid} NOT NULL,
  "url"       {text} NOT NULL,
  "events"    {text} NOT NULL, -- names with spaces between
  "createdAt" {instant} NOT NULL
);

CREATE INDEX "Webhook_bioPageId" ON "Webhook" ("bioPageId");

-- The last attempts to tell it. What was answered is not kept, only whether.
CREATE TABLE "WebhookDelivery" (
  "id"        {uuid} PRIMARY KEY,
  "webhookId" {uuid} NOT NULL,
  "messageId" {text} NOT NULL, -- the same for all attempts to tell one thing
  "event"     {text} NOT NULL,
  "at"        {instant} NOT NULL,
  "attempt"   {integer} NOT NULL,
  "status"    {integer},       -- of the answer; null where there was none
  "problem"   {text}           -- why it failed
);

CREATE INDEX "WebhookDelivery_webhookId" ON "WebhookDelivery" ("webhookId", "at");
