-- Counts of what is raw rows above, so that a report need not read them again. All of it follows from the raw rows and can be
-- dropped at any time: 'bioscope rebuild'.

-- One row: no row of a session or a page view appears before it any more, but by an import.
CREATE TABLE "Fence" (
  "id" {integer} PRIMARY KEY CHECK ("id" = 1),
  "at" {instant} NOT NULL
);

-- How far the rollups of a page go. Whatever changes them, or the raw rows under them, gives a new version.
CREATE TABLE "RollupPage" (
  "bioPageId"   {uuid} PRIMARY KEY,
  "version"     {bigint} NOT NULL,
  "sealedFrom"  {instant},          -- null: nothing is sealed
  "sealedUntil" {instant},          -- the watermark
  "visitors"    {integer} NOT NULL, -- in "RollupVisitors"
  "shardBits"   {integer} NOT NULL  -- there are 2^shardBits shards of visitors
);

-- Counts by value as JSON objects: {"instagram.com":12,"direct":3}. Null is none.
CREATE TABLE "Rollup" (
  "bioPageId" {uuid} NOT NULL,
  "grain"     {integer} NOT NULL, -- 0 hour, 1 day, 2 month
  "bucket"    {instant} NOT NULL, -- its start
  "sources"   {text},
  "countries" {text},
  "devices"   {text},
  "outcomes"  {text}, -- sessions, bounces, timed, seconds, pageViews
  "views"     {text}, -- by day since 1970
  "clicks"    {text}, -- by day since 1970
  "links"     {text},
  "returns"   {text}, -- months only: by hour since 1970, later sessions of the visitors of that hour's sessions
  PRIMARY KEY ("bioPageId", "grain", "bucket")
){withoutRowId};

-- When each visitor of a page was last there, as of the watermark: 16 bytes a visitor, many to a row.
CREATE TABLE "RollupVisitors" (
  "bioPageId" {uuid} NOT NULL,
  "shard"     {integer} NOT NULL,
  "visitors"  {bytes} NOT NULL,
  PRIMARY KEY ("bioPageId", "shard")
){withoutRowId};

-- What sessions before the fence have done since: to be added to their sealed outcomes.
CREATE TABLE "OutcomeChange" (
  "bioPageId" {uuid} NOT NULL,
  "id"        {uuid} NOT NULL,
  "sessionId" {uuid} NOT NULL,
  "startedAt" {instant} NOT NULL, -- of the session
  "bounces"   {integer} NOT NULL,
  "timed"     {integer} NOT NULL,
  "seconds"   {integer} NOT NULL,
  "pageViews" {integer} NOT NULL,
  PRIMARY KEY ("bioPageId", "id")
){withoutRowId};
