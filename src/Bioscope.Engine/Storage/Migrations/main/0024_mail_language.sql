-- The language of reports and alerts, chosen with them. Earlier ones were in English.
ALTER TABLE "MailSubscription" ADD COLUMN "language" {text} NOT NULL DEFAULT 'en';
