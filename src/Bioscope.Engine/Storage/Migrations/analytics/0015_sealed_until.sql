-- The hours before this instant are sealed on all pages; null when nobody knows. So a start need not look at each page.
ALTER TABLE "Fence" ADD COLUMN "sealedUntil" {instant};
