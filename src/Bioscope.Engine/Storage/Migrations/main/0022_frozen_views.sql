-- A shared view that was frozen shows the figures of its proof from then on.
ALTER TABLE "SharedView" ADD COLUMN "frozenAt" {instant};
ALTER TABLE "SharedView" ADD COLUMN "proof" {text}; -- a JSON Web Signature, as JSON
