-- The picture of a page in two sizes, as the server made them; nothing else of the upload is kept.
CREATE TABLE "Avatar" (
  "bioPageId" {uuid} PRIMARY KEY,
  "hash"      {text} NOT NULL, -- of the pictures, for their addresses
  "small"     {bytes} NOT NULL,
  "large"     {bytes} NOT NULL
);
