using System.Buffers.Binary;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Web;

/// <summary>The statements on the table of shared budgets, which PostgreSQL has. Any instance's rows are in the order of their keys, so that none waits for another in a circle.</summary>
internal static class SharedBudgetTable
{
    /// <summary>About 20 MB. At half of it the smallest budgets are removed, so a flood of callers makes room for itself only.</summary>
    public const int MaxRows = 200_000;

    // A row that has expired begins again.
    private const string AddSql = """
        -- lease budgets
        INSERT INTO "SharedBudget" AS "held" ("key", "taken", "endsAt")
        SELECT "key", "added", "endsAt" FROM unnest(@keys, @added, @ends) AS "asked" ("key", "added", "endsAt")
        ON CONFLICT ("key") DO UPDATE SET
          "taken" = CASE WHEN "held"."endsAt" > now() AT TIME ZONE 'UTC' THEN "held"."taken" ELSE 0 END + excluded."taken",
          "endsAt" = CASE WHEN "held"."endsAt" > now() AT TIME ZONE 'UTC' THEN "held"."endsAt" ELSE excluded."endsAt" END
        RETURNING "key", "taken", "endsAt", now() AT TIME ZONE 'UTC'
        """;

    // A row that is being used is left for the next time.
    private const string RemoveExpiredSql = """
        -- remove expired budgets
        DELETE FROM "SharedBudget" WHERE "key" IN (
          SELECT "key" FROM "SharedBudget" WHERE "endsAt" <= now() AT TIME ZONE 'UTC' FOR UPDATE SKIP LOCKED)
        """;

    private const string CountSql = """
        -- count budgets
        SELECT COUNT(*), now() AT TIME ZONE 'UTC' FROM "SharedBudget"
        """;

    private const string RemoveSmallestSql = """
        -- remove smallest budgets
        DELETE FROM "SharedBudget" WHERE "key" IN (SELECT "key" FROM "SharedBudget" ORDER BY "taken" LIMIT @over FOR UPDATE SKIP LOCKED)
        """;

    /// <summary>Adds what each lease asks for.</summary>
    /// <returns>For each, the count after that and when its window ends; and the server's time.</returns>
    public static async Task<(List<(BudgetLease Lease, long Taken, DateTimeOffset EndsAt)> Answers, DateTimeOffset Now)> AddAsync(
        MainDatabase main, IReadOnlyList<BudgetLease> leases, CancellationToken cancellationToken)
    {
        var sorted = leases.OrderBy(lease => lease.Key).ToList();
        var byId = sorted.ToDictionary(lease => IdOf(lease.Key));
        var dialect = main.Dialect;
        var now = default(DateTimeOffset);
        var answers = await main.QueryAloneAsync(
            AddSql,
            row =>
            {
                now = dialect.ReadInstant(row, 3);
                return (byId[row.GetGuid(0)], row.GetInt64(1), dialect.ReadInstant(row, 2));
            },
            cancellationToken,
            ("@keys", sorted.ConvertAll(lease => IdOf(lease.Key)).ToArray()),
            ("@added", sorted.ConvertAll(lease => lease.Added).ToArray()),
            ("@ends", sorted.ConvertAll(lease => (DateTime)dialect.Value(lease.EndsAt)).ToArray()));
        return (answers, now);
    }

    /// <summary>Removes what expired; of several instances at once, one does.</summary>
    /// <returns>How many rows are left, and the server's time.</returns>
    public static Task<(int Rows, DateTimeOffset Now)> SweepAsync(MainDatabase main, CancellationToken cancellationToken) => main.TransactAsync(
        "sweep budgets",
        async transaction =>
        {
            var isSweeper = await main.Dialect.TryLockAsync(transaction, SoleWork.SweepingBudgets, cancellationToken);
            if (isSweeper)
            {
                await main.Dialect.ExecuteAsync(transaction, RemoveExpiredSql, cancellationToken);
            }

            var (rows, now) = (await main.Dialect.QueryAsync(
                transaction, CountSql, row => ((int)row.GetInt64(0), main.Dialect.ReadInstant(row, 1)), cancellationToken)).Single();
            if (isSweeper && rows > MaxRows / 2)
            {
                rows -= await main.Dialect.ExecuteAsync(transaction, RemoveSmallestSql, cancellationToken, ("@over", rows - (MaxRows / 2)));
            }

            return (rows, now);
        },
        cancellationToken);

    private static Guid IdOf(UInt128 key)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        return new Guid(bytes, bigEndian: true);
    }
}
