using System.Text.Json;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Server.Web;

/// <summary>
/// What the creator of a page says of where visits come from. It is read for each question, so that a change acts at once on every instance;
/// only what was made of the text is kept.
/// </summary>
internal sealed class PageNaming(MainDatabase main, Settings settings) : IDisposable
{
    // The rules first, in the column of sources; its label says whether spam is shown.
    private const string Sql = """
        -- naming of page
        SELECT '' AS "id", COALESCE("sourceRules", '') AS "source", CASE WHEN "showsReferrerSpam" THEN 'spam' ELSE '' END AS "label"
        FROM "BioPage" WHERE "id" = @page AND ("sourceRules" IS NOT NULL OR "showsReferrerSpam")
        UNION ALL
        SELECT CAST("id" AS {text}), "source", "label" FROM "Placement" WHERE "bioPageId" = @page
        ORDER BY "id"
        """;

    private const string KeepRulesSql = """
        -- keep rules of page
        UPDATE "BioPage" SET "sourceRules" = @rules WHERE "id" = @page
        """;

    private const string KeepSpamSql = """
        -- keep spam rule of page
        UPDATE "BioPage" SET "showsReferrerSpam" = @shows WHERE "id" = @page
        """;

    private static readonly Naming Unchanged = Naming.None with { HidesSpam = true };

    private const long MaxBytes = 8 << 20;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxBytes });

    /// <summary>Reads it; nothing is said where the tables are another service's.</summary>
    public async Task<Naming> ReadAsync(Guid page, CancellationToken cancellationToken)
    {
        if (settings.SharedOwnership)
        {
            return Naming.None;
        }

        var found = await main.QueryAsync(
            Sql, row => (Id: row.GetString(0), Source: row.GetString(1), Label: row.GetString(2)), cancellationToken, ("@page", page));
        if (found.Count == 0)
        {
            return Unchanged;
        }

        var naming = found is [{ Id: "", Source: { Length: > 0 } rules }, ..] ? Of(rules) : Naming.None;
        return naming with
        {
            HidesSpam = found[0] is not { Id: "", Label.Length: > 0 },
            Placements = [.. found.Where(row => row.Id.Length > 0).Select(row => new PlacementName(row.Id, row.Source, row.Label))],
        };
    }

    /// <summary>Replaces the page's rules.</summary>
    /// <param name="page">The page.</param>
    /// <param name="rules">As <see cref="RuleReader"/> reads them; null for none.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    public Task KeepRulesAsync(Guid page, string? rules, CancellationToken cancellationToken) =>
        main.ExecuteAsync(KeepRulesSql, cancellationToken, ("@rules", rules), ("@page", page));

    /// <summary>Hides or shows the page's visits of known referrer spam.</summary>
    public Task KeepSpamHiddenAsync(Guid page, bool hides, CancellationToken cancellationToken) =>
        main.ExecuteAsync(KeepSpamSql, cancellationToken, ("@shows", !hides), ("@page", page));

    /// <inheritdoc />
    public void Dispose() => _known.Dispose();

    // Equal texts give the same object: comparing that with itself takes no time.
    private Naming Of(string text)
    {
        if (_known.TryGetValue(text, out Naming? known))
        {
            return known!;
        }

        using var json = JsonDocument.Parse(text);
        var naming = Naming.None with { Rules = RuleReader.Read(json.RootElement).Rules ?? [] };
        return _known.Set(text, naming, new MemoryCacheEntryOptions { Size = text.Length * 4L, SlidingExpiration = TimeSpan.FromHours(1) });
    }
}
