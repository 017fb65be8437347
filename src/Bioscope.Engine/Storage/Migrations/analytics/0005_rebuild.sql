-- How far 'bioscope rebuild' has come: one row while it is under way or was interrupted, none otherwise.
CREATE TABLE "Rebuild" (
  "id"   {integer} PRIMARY KEY CHECK ("id" = 1),
  "page" {uuid} NOT NULL -- pages before this one are done
);
