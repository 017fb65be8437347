using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Import;

/// <summary>Reads one line of an import: a JSON object whose <c>type</c> names the kind of row.</summary>
internal sealed class ImportLine(byte[] visitorSecret, PasswordRule passwords, TimeProvider clock)
{
    /// <summary>The maximum of page views in one session.</summary>
    public const int MaxPageViews = SessionRow.MaxImportedPageViews;

    /// <summary>The maximum duration of a session or page view in seconds: 31 days.</summary>
    public const int MaxDuration = 31 * 86_400;

    /// <summary>The maximum position of a link.</summary>
    public const int MaxPosition = 1_000_000;

    /// <summary>How far in the future a time may be, because clocks and zones differ.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(1);

    // Sums over a billion rows at these limits stay below 3e15, far below the maximum of 9e18. The counters of one row, which visitors
    // may still increase, stay far below 32 bits.
    private const int MaxText = 255;

    private const int MaxPath = 2_048;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    // How often each content without an id has been read.
    private readonly Dictionary<Guid, int> _occurrences = [];

    /// <summary>The accepted values, for the command's help.</summary>
    public static string Limits(PasswordRule passwords) => string.Create(
        CultureInfo.InvariantCulture,
        $"pageViews 0 to {MaxPageViews}; duration 0 to {MaxDuration} seconds; startedAt and enteredAt from 1970 to one day from now; " +
        $"visitorId 1 to 128, referrerDomain up to {MaxText}, email up to {CreatorStore.MaxEmailChars}, " +
        $"password up to {passwords.MaxChars} characters and not a common password; position 0 to {MaxPosition}; " +
        $"title of a link up to 1000, its url 1 to 8192 characters. Other texts that are too long are truncated");

    /// <returns>A <see cref="NewCreator"/> or a row of one of the other types; or null with
    /// the reason why the line was rejected.</returns>
    public (object? Row, string? Problem) Read(ReadOnlyMemory<byte> line)
    {
        var (body, refusal) = JsonBody.Parse(line);
        if (body is null)
        {
            // The caller says which line of the file it is; the parser counts within the line.
            return (null, refusal!.TrimEnd('.').Replace("The body", "the line", StringComparison.Ordinal)
                .Replace("(line 1, byte", "(byte", StringComparison.Ordinal));
        }

        using (body)
        {
            var row = Read(body, body.RequiredText("type", 1, MaxText));
            return body.Problems.Count > 0 ? (null, string.Join("; ", body.Problems)) : (row, null);
        }
    }

    private object? Read(JsonBody body, string type)
    {
        switch (type)
        {
            case "creator":
                return Creator(body);
            case "link":
                return Link(body);
            case "placement":
                return Placement(body);
            case "site":
                return new SiteRow(
                    body.RequiredUuid("id"), body.RequiredUuid("bioPageId"), body.RequiredText("origin", 1, MaxText), CreatedAt(body));
            case "drop":
                return Drop(body);
            case "importedDay":
                return ImportedDay(body);
            case "session":
                return WithId(SessionRow.Table, Session(body), (row, id) => row with { Id = id });
            case "pageview":
                return WithId(PageViewRow.Table, PageView(body), (row, id) => row with { Id = id });
            default:
                body.Refuse("type", "must be creator, link, placement, site, session, pageview, drop or importedDay");
                return null;
        }
    }

    /// <summary>
    /// A row without an id gets one from its content, so that importing it again adds nothing. Of several rows with the same content in one
    /// import, each gets another: two visits may look the same.
    /// </summary>
    private T WithId<T>(Table<T> table, T row, Func<T, Guid, T> with)
    {
        if (table.Columns.Single(column => column.Name == "id").Value(row) is not Guid id || id != default)
        {
            return row;
        }

        var content = new StringBuilder(table.Name);
        foreach (var column in table.Columns.Where(column => column.Name != RowsById.ForeignId)) // it follows from the id
        {
            // Without those that have no value, so that a column of a later version changes no id.
            var value = column.Value(row) is DateTimeOffset at ? at.ToUnixTimeMilliseconds() : column.Value(row);
            content.Append(value is null ? "" : string.Create(CultureInfo.InvariantCulture, $"\0{column.Name}={value}"));
        }

        var first = Uuid.Named(content.ToString());
        ref var occurrences = ref CollectionsMarshal.GetValueRefOrAddDefault(_occurrences, first, out _);
        return with(row, occurrences++ == 0 ? first : Uuid.Named(string.Create(CultureInfo.InvariantCulture, $"{content}\0{occurrences}")));
    }

    private NewCreator Creator(JsonBody body)
    {
        var password = body.OptionalText("password", int.MaxValue);
        if (password is not null && passwords.Problem(password) is { } problem)
        {
            body.Refuse("password", problem);
        }

        return new NewCreator(body.RequiredUuid("userId"))
        {
            CreatorId = body.OptionalUuid("creatorId"),
            BioPageId = body.OptionalUuid("bioPageId"),
            Email = Whole(body, "email", CreatorStore.MaxEmailChars),
            HashPassword = password is null ? null : () => passwords.Hash(password),
            Handle = body.OptionalText("handle", MaxText),
            Title = body.OptionalText("title", BioPageRow.MaxTitle),
            Description = body.OptionalText("description", BioPageRow.MaxDescription),
            Choices = ImportedChoices.Read(body),
            CreatedAt = body.Has("createdAt") ? CreatedAt(body) : null,
        };
    }

    private static BioLinkRow Link(JsonBody body)
    {
        var heading = body.OptionalBoolean("heading") ?? false;
        return new BioLinkRow(
            body.RequiredUuid("id"), body.RequiredUuid("bioPageId"), body.RequiredText("title", 0, 1000),
            heading ? "" : WebAddress(body))
        {
            Position = body.OptionalCount("position", MaxPosition) ?? 0,
            Active = body.OptionalBoolean("active") ?? true,
            Heading = heading,
            Pinned = body.OptionalBoolean("pinned") ?? false,
            StartsAt = body.OptionalInstant("startsAt"),
            EndsAt = body.OptionalInstant("endsAt"),
        };
    }

    private PlacementRow Placement(JsonBody body)
    {
        var slug = body.RequiredText("slug", 1, MaxText);
        if (!Slug.IsValid(slug))
        {
            body.Refuse("slug", "must be " + Slug.Rule);
        }

        return new PlacementRow(
            body.RequiredUuid("id"), body.RequiredUuid("bioPageId"), slug, body.RequiredText("source", 1, MaxText),
            body.RequiredText("label", 0, MaxText), CreatedAt(body))
        {
            RemovedAt = body.OptionalInstant("removedAt"),
        };
    }

    private PageDrop Drop(JsonBody body)
    {
        var (day, reason) = (Instant(body, "day"), body.RequiredText("reason", 1, MaxText));
        if (!Enum.GetValues<DropReason>().Any(known => PageDrop.NameOf(known) == reason))
        {
            body.Refuse("reason", "must be one that this version counts");
        }

        return new PageDrop(
            body.RequiredUuid("bioPageId"), new DateTimeOffset(day.UtcDateTime.Date, TimeSpan.Zero), reason,
            body.RequiredCount("count", 1, PageDrop.MaxCount));
    }

    private ImportedDay ImportedDay(JsonBody body) => new(
        body.RequiredUuid("bioPageId"), new DateTimeOffset(Instant(body, "day").UtcDateTime.Date, TimeSpan.Zero),
        body.RequiredText("tool", 1, MaxText), OptionalSum(body, "visits"), OptionalSum(body, "visitors"), OptionalSum(body, "pageViews"));

    private static long? OptionalSum(JsonBody body, string field) =>
        body.Has(field) && !body.HasNull(field) ? body.RequiredCount(field, 0, PageDrop.MaxCount) : null;

    // Anything else would never be shown: a page with a script behind a link is nobody's wish.
    private static string WebAddress(JsonBody body)
    {
        var url = body.RequiredText("url", 1, 8192);
        if (url.Length > 0 && !OutboundUrl.IsAllowed(url))
        {
            body.Refuse("url", "must be a web address that begins with http:// or https://");
        }

        return url;
    }

    private SessionRow Session(JsonBody body)
    {
        var referrer = body.OptionalRawText("referrer");
        // Only an export of this product has it: the row as it was stored, of which nothing is decided again.
        var hash = body.OptionalText("visitorHash", MaxText);
        if (hash is not null && (hash.Length != VisitorHash.Chars || hash.AsSpan().ContainsAnyExcept(HexDigits)))
        {
            body.Refuse("visitorHash", "must be 64 hexadecimal digits in lower case");
        }

        return new SessionRow
        {
            BioPageId = body.RequiredUuid("bioPageId"),
            Id = body.OptionalUuid("id") ?? default,
            UserId = body.OptionalUuid("userId"),
            VisitorId = hash ?? VisitorHash.Of(visitorSecret, body.RequiredText("visitorId", 1, 128)),
            Referrer = Referrer.ForStorage(referrer),
            ReferrerDomain = Whole(body, "referrerDomain", MaxText) ?? (hash is null ? Referrer.Domain(referrer) : null),
            Country = body.OptionalText("country", MaxText),
            CountryCode = body.OptionalText("countryCode", MaxText),
            Region = body.OptionalText("region", MaxText),
            City = body.OptionalText("city", MaxText),
            Language = body.OptionalText("language", MaxText),
            Device = body.OptionalText("device", MaxText),
            Browser = body.OptionalText("browser", MaxText),
            Os = body.OptionalText("os", MaxText),
            OsVersion = body.OptionalText("osVersion", MaxText),
            Timezone = body.OptionalText("timezone", MaxText),
            Attribution = new Attribution(
                body.OptionalText("utmSource", MaxText),
                body.OptionalText("utmMedium", MaxText),
                body.OptionalText("utmCampaign", MaxText),
                body.OptionalText("utmTerm", MaxText),
                body.OptionalText("utmContent", MaxText),
                body.OptionalText("clickId", MaxText))
            {
                Ref = body.OptionalText("ref", MaxText),
            },
            InAppBrowser = body.OptionalText("app", MaxText),
            RequestedWith = body.OptionalText("requestedWith", MaxText),
            Placement = body.OptionalUuid("placement")?.ToString("D"),
            Page = body.OptionalText("page", MaxText),
            StartedAt = Instant(body, "startedAt"),
            LastActivityAt = body.Has("lastActivityAt") ? Instant(body, "lastActivityAt") : null,
            LastPageViewId = body.OptionalUuid("lastPageViewId"),
            Duration = body.OptionalCount("duration", MaxDuration) ?? 0,
            PageViews = body.OptionalCount("pageViews", MaxPageViews) ?? 0,
        };
    }

    private PageViewRow PageView(JsonBody body) => new()
    {
        BioPageId = body.RequiredUuid("bioPageId"),
        Id = body.OptionalUuid("id") ?? default,
        SessionId = body.RequiredUuid("sessionId"),
        Path = body.OptionalText("path", MaxPath),
        Title = body.OptionalText("title", MaxText),
        EnteredAt = Instant(body, "enteredAt"),
        LinkClicked = body.OptionalUuid("linkClicked"),
        Duration = body.OptionalCount("duration", MaxDuration),
        ScrollDepth = body.OptionalCount("scrollDepth", 100),
    };

    /// <summary>A text that must not be truncated because its meaning would change.</summary>
    private static string? Whole(JsonBody body, string field, int max)
    {
        var text = body.OptionalText(field, int.MaxValue);
        if (text?.Length > max)
        {
            body.Refuse(field, string.Create(CultureInfo.InvariantCulture, $"must have at most {max} characters"));
        }

        return text;
    }

    private DateTimeOffset CreatedAt(JsonBody body) => Instant(body, "createdAt");

    private DateTimeOffset Instant(JsonBody body, string field)
    {
        var instant = body.RequiredInstant(field);
        if (instant > clock.GetUtcNow() + MaxAhead)
        {
            // Reports would show it until then and count it as the newest row.
            body.Refuse(field, "is more than a day in the future; check the clock of this machine and of the one that wrote the file");
        }

        return instant;
    }
}
