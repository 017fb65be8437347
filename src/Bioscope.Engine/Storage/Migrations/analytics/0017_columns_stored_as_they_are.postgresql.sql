-- The numbers of a column are read often and take few bytes each: PostgreSQL is not to compress them as well, for decompressing takes longer than
-- reading. This is true of columns that are written from now on. Citus does not change this of tables that are spread over machines; those that
-- are spread later have it.

DO $$
BEGIN
  IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    IF EXISTS (SELECT 1 FROM pg_dist_partition WHERE "logicalrelid" = '"SegmentColumn"'::regclass) THEN
      RETURN;
    END IF;
  END IF;

  ALTER TABLE "SegmentColumn" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
END
$$;
