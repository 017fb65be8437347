using System.Data.Common;
using System.Text.Json.Serialization;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// A creator's page with all of its links in order, as its owner edits it and as visitors see it. What few pages have is in the JSON only
/// of those; a theme, colour or font that is null is the default.
/// </summary>
internal sealed record BioPage(Guid Id, string? Handle, string? Title, string? Description, IReadOnlyList<BioLink> Links)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Theme { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Colour { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Font { get; init; }

    /// <summary>The addresses of the creator's profiles, shown as a row of icons; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Icons { get; init; }

    /// <summary>False while the page is hidden, otherwise null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Published { get; init; }

    /// <summary>The hash in the addresses of the page's picture; null where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Avatar { get; init; }

    private const string Sql = $"""
        -- bio page
        SELECT page."id", page."handle", page."title", page."description", page."theme", page."colour", page."font",
          page."icons", page."published", avatar."hash", {BioLink.Columns}
        FROM "BioPage" page LEFT JOIN "Avatar" avatar ON avatar."bioPageId" = page."id"
          LEFT JOIN "BioLink" link ON link."bioPageId" = page."id"
        """;

    private const string Order = """ ORDER BY link."position", link."id" """;

    private const string ByHandle = Sql + """ WHERE page."handle" = @key""" + Order;

    private const string ById = Sql + """ WHERE page."id" = @key""" + Order;

    public static Task<BioPage?> OfHandleAsync(MainDatabase main, string handle, CancellationToken cancellationToken) =>
        ReadAsync(main, ByHandle, handle, cancellationToken);

    public static Task<BioPage?> OfIdAsync(MainDatabase main, Guid id, CancellationToken cancellationToken) =>
        ReadAsync(main, ById, id, cancellationToken);

    // One statement, so that page and links are read at the same instant.
    private static async Task<BioPage?> ReadAsync(MainDatabase main, string sql, object key, CancellationToken cancellationToken)
    {
        BioPage? page = null;
        var links = new List<BioLink>();
        await main.QueryAsync(
            sql,
            row =>
            {
                string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
                page ??= new BioPage(main.Dialect.ReadGuid(row, 0), Text(1), Text(2), Text(3), links)
                {
                    Theme = Text(4),
                    Colour = Text(5),
                    Font = Text(6),
                    Icons = Text(7)?.Split('\n'),
                    Published = row.GetBoolean(8) ? null : false,
                    Avatar = Text(9),
                };
                if (!row.IsDBNull(10))
                {
                    links.Add(BioLink.Of(main.Dialect, row, 10) with { Position = links.Count });
                }

                return true;
            },
            cancellationToken,
            ("@key", key));
        return page;
    }
}

/// <summary>
/// A link, or a heading between links, whose address is empty; its position is its index among the page's links, from 0. Visitors see the
/// active ones, from their start to their end. What few links have is in the JSON only of those.
/// </summary>
internal sealed record BioLink(Guid Id, string Title, string Url, int Position, bool Active)
{
    /// <summary>The columns that <see cref="Of"/> reads, of a table called <c>link</c>.</summary>
    public const string Columns =
        """
        link."id", link."title", link."url", link."position", link."active", link."heading", link."pinned", link."startsAt", link."endsAt"
        """;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Heading { get; init; }

    /// <summary>Whether it is the one link that stands out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Pinned { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonConverter(typeof(InstantConverter))]
    public DateTimeOffset? StartsAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonConverter(typeof(InstantConverter))]
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>When it was deleted; null for the links of the page.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonConverter(typeof(InstantConverter))]
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Whether visitors see it at that time.</summary>
    public bool IsShownAt(DateTimeOffset now) => Active && !(now < StartsAt) && !(now >= EndsAt);

    /// <summary>Reads <see cref="Columns"/>.</summary>
    /// <param name="dialect">The engine of the row.</param>
    /// <param name="row">The row.</param>
    /// <param name="first">The index of the first of the columns.</param>
    public static BioLink Of(SqlDialect dialect, DbDataReader row, int first)
    {
        return new BioLink(
            dialect.ReadGuid(row, first), row.GetString(first + 1), row.GetString(first + 2), row.GetInt32(first + 3),
            row.GetBoolean(first + 4))
        {
            Heading = row.GetBoolean(first + 5),
            Pinned = row.GetBoolean(first + 6),
            StartsAt = Instant(first + 7),
            EndsAt = Instant(first + 8),
        };

        DateTimeOffset? Instant(int column) => row.IsDBNull(column) ? null : dialect.ReadInstant(row, column);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<BioPage>))]
[JsonSerializable(typeof(Success<BioLink>))]
[JsonSerializable(typeof(Success<BioLinks>))]
internal sealed partial class BioJson : JsonSerializerContext;
