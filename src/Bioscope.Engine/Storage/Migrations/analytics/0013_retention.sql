-- One row once visits are removed by age: none before it is kept. It only moves on.
CREATE TABLE "Retention" (
  "id"        {integer} PRIMARY KEY CHECK ("id" = 1),
  "keptSince" {instant} NOT NULL
);
