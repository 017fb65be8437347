-- A second factor beside the password: codes of an app (TOTP), and codes on paper. All null or absent while it is off.
ALTER TABLE "User" ADD COLUMN "secondFactor" {bytes};       -- the app's secret, encrypted with a key of the installation
ALTER TABLE "User" ADD COLUMN "secondFactorStep" {integer}; -- the half minute since 1970 of the last code, so that none works twice

-- Deleted when used.
CREATE TABLE "RecoveryCode" (
  "userId" {uuid} NOT NULL,
  "hash"   {text} NOT NULL, -- keyed by the installation
  PRIMARY KEY ("userId", "hash")
);
