-- What is sealed of a page as columns of small numbers, so that a question about it reads only what it names. All of it follows from the raw
-- rows and can be dropped at any time: 'bioscope rebuild'.

-- Sessions that started, and page views that were entered, from one instant (included) to another.
CREATE TABLE "Segment" (
  "bioPageId"    {uuid} NOT NULL,
  "number"       {integer} NOT NULL, -- from 0, in the order of time
  "version"      {bigint} NOT NULL,  -- of "RollupPage" when it was written
  "from"         {instant} NOT NULL,
  "until"        {instant} NOT NULL,
  "firstSession" {integer} NOT NULL, -- how many sessions the segments before it have
  "sessions"     {integer} NOT NULL,
  "views"        {integer} NOT NULL,
  "firstVisitor" {integer} NOT NULL, -- how many visitors the segments before it have
  "visitors"     {integer} NOT NULL, -- that came first in it
  "looseViews"   {integer} NOT NULL, -- page views of its time that belong to no session up to its end: they are read from the raw rows
  PRIMARY KEY ("bioPageId", "number")
){withoutRowId};

-- A column of a segment, or what its numbers stand for.
CREATE TABLE "SegmentColumn" (
  "bioPageId" {uuid} NOT NULL,
  "part"      {text} NOT NULL,
  "number"    {integer} NOT NULL, -- of the segment
  "bytes"     {bytes} NOT NULL,
  PRIMARY KEY ("bioPageId", "part", "number")
);

-- The watermark of segments: rows before it are in one. Null: there is none.
ALTER TABLE "RollupPage" ADD COLUMN "segmentedUntil" {instant};
