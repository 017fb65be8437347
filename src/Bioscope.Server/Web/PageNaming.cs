using System.Security.Cryptography;
using System.Text;
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

    private const string RulesSql = """
        -- rules of page
        SELECT COALESCE("sourceRules", ''), "sourceRulesBefore" FROM "BioPage" WHERE "id" = @page
        """;

    private const string KeepRulesSql = """
        -- keep rules of page
        UPDATE "BioPage" SET "sourceRulesBefore" = COALESCE("sourceRules", ''), "sourceRules" = @rules WHERE "id" = @page
        """;

    // Of two forms that were shown with the same rules only one changes them: the comparison is part of the change.
    private const string ReplaceRulesSql = """
        -- replace rules of page
        UPDATE "BioPage" SET "sourceRulesBefore" = COALESCE("sourceRules", ''), "sourceRules" = @rules
        WHERE "id" = @page AND COALESCE("sourceRules", '') = @known
        """;

    private const string UndoRulesSql = """
        -- undo rules of page
        UPDATE "BioPage" SET "sourceRules" = NULLIF("sourceRulesBefore", ''), "sourceRulesBefore" = COALESCE("sourceRules", '')
        WHERE "id" = @page AND COALESCE("sourceRules", '') = @known AND "sourceRulesBefore" IS NOT NULL
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

    /// <summary>The page's rules, and those before the last change.</summary>
    public async Task<PageRules> ReadRulesAsync(Guid page, CancellationToken cancellationToken)
    {
        var (text, before) = (await main.QueryAsync(
            RulesSql, row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1)), cancellationToken, ("@page", page)))[0];
        return new PageRules(text, RulesOf(text), before is null ? null : RulesOf(before));

        EquatableList<NamingRule> RulesOf(string rules) => rules.Length == 0 ? [] : Of(rules).Rules;
    }

    /// <summary>Replaces the page's rules if they are still those that were read.</summary>
    /// <param name="page">The page.</param>
    /// <param name="rules">As <see cref="RuleReader"/> reads them; null for none.</param>
    /// <param name="known">What was read.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    /// <returns>False when they were changed in the meantime.</returns>
    public async Task<bool> ReplaceRulesAsync(Guid page, string? rules, PageRules known, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(ReplaceRulesSql, cancellationToken, ("@rules", rules), ("@page", page), ("@known", known.Text)) == 1;

    /// <summary>Brings back the rules before the last change, which itself can then be brought back.</summary>
    /// <returns>False when the rules were changed in the meantime, or never.</returns>
    public async Task<bool> UndoRulesAsync(Guid page, PageRules known, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(UndoRulesSql, cancellationToken, ("@page", page), ("@known", known.Text)) == 1;

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

/// <summary>A page's rules as they were read.</summary>
/// <param name="Text">As they are stored; empty for none.</param>
/// <param name="Rules">The rules.</param>
/// <param name="Before">Those before the last change; null when there was none.</param>
internal sealed record PageRules(string Text, EquatableList<NamingRule> Rules, EquatableList<NamingRule>? Before)
{
    /// <summary>Differs for other rules; forms carry it, so that they act on no rules but those that they were shown with.</summary>
    public string Version => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)).AsSpan(0, 8));
}
