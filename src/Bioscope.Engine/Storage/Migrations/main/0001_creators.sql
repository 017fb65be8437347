-- Who owns which page. Names are those of the published API's database.

CREATE TABLE IF NOT EXISTS "User" (
  "id"           {uuid} PRIMARY KEY,
  "email"        {text} UNIQUE, -- lower case
  "passwordHash" {text},
  "createdAt"    {instant} NOT NULL
);

CREATE TABLE IF NOT EXISTS "CreatorProfile" (
  "id"        {uuid} PRIMARY KEY,
  "userId"    {uuid} NOT NULL UNIQUE,
  "createdAt" {instant} NOT NULL
);

CREATE TABLE IF NOT EXISTS "BioPage" (
  "id"        {uuid} PRIMARY KEY,
  "creatorId" {uuid} NOT NULL UNIQUE,
  "handle"    {text} UNIQUE, -- lower case
  "createdAt" {instant} NOT NULL
);

CREATE TABLE IF NOT EXISTS "BioLink" (
  "id"        {uuid} PRIMARY KEY,
  "bioPageId" {uuid} NOT NULL,
  "title"     {text} NOT NULL,
  "url"       {text} NOT NULL
);

CREATE INDEX IF NOT EXISTS "BioLink_bioPageId" ON "BioLink" ("bioPageId");
