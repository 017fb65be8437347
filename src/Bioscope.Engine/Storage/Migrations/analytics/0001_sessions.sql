-- What visitors did. Names are those of the published API's database. "bioPageId" leads every key, so that the tables
-- can be distributed by it; sessions without a page are under the nil UUID.

CREATE TABLE IF NOT EXISTS "AnalyticsSession" (
  "bioPageId"      {uuid} NOT NULL,
  "id"             {uuid} NOT NULL,
  "userId"         {uuid},
  "visitorId"      {text} NOT NULL, -- keyed hash, never what the browser sent
  "referrer"       {text},
  "referrerDomain" {text},
  "country"        {text},
  "countryCode"    {text},
  "city"           {text},
  "device"         {text},
  "browser"        {text},
  "os"             {text},
  "osVersion"      {text},
  "timezone"       {text},
  "startedAt"      {instant} NOT NULL,
  "lastActivityAt" {instant} NOT NULL,
  "duration"       {integer} NOT NULL, -- seconds
  "pageViews"      {integer} NOT NULL,
  "bounced"        {boolean} NOT NULL,
  PRIMARY KEY ("bioPageId", "id")
);

-- The domain is not part of it: a host name may be longer than PostgreSQL's largest index entry.
CREATE INDEX IF NOT EXISTS "AnalyticsSession_bioPageId_startedAt" ON "AnalyticsSession" ("bioPageId", "startedAt");

CREATE TABLE IF NOT EXISTS "AnalyticsPageView" (
  "bioPageId"   {uuid} NOT NULL,
  "id"          {uuid} NOT NULL,
  "sessionId"   {uuid} NOT NULL,
  "path"        {text},
  "title"       {text},
  "enteredAt"   {instant} NOT NULL,
  "linkClicked" {uuid},
  "duration"    {integer}, -- seconds
  "scrollDepth" {integer}, -- percent
  PRIMARY KEY ("bioPageId", "id")
);

CREATE INDEX IF NOT EXISTS "AnalyticsPageView_bioPageId_enteredAt" ON "AnalyticsPageView" ("bioPageId", "enteredAt");
