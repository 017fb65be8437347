using System.Data.Common;
using System.Text.Json.Serialization;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Json;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Api.Mails;

/// <summary>
/// <c>GET</c> and <c>PUT /api/v1/creators/mails</c>: which mails about the page the caller gets. A visit is unusual in comparison with the
/// same hour of the same day in the four weeks before.
/// </summary>
/// <param name="Weekly">A report every Monday at eight in the page's zone.</param>
/// <param name="Monthly">A report on the first day of a month, at eight.</param>
/// <param name="Spikes">A mail in an hour with unusually many visits, up to one a day.</param>
/// <param name="Drops">A mail after an hour with unusually few visits, up to one a day.</param>
/// <param name="Times">2 to 100: how many times the usual visits are a spike; that part of them is a drop.</param>
/// <param name="MinVisits">1 to 1,000,000: fewer visits in an hour are no spike, and where fewer are usual there is no drop.</param>
internal sealed record MailSubscription(bool Weekly, bool Monthly, bool Spikes, bool Drops, int Times, int MinVisits)
{
    /// <summary>The language of these mails: the tag of one of ours.</summary>
    public string Language { get; init; } = Words.Default.Tag;

    public const int MinTimes = 2, MaxTimes = 100, MaxMinVisits = 1_000_000, MaxTag = 10;

    /// <summary>What a user has who has chosen nothing.</summary>
    public static MailSubscription None { get; } = new(false, false, false, false, Times: 3, MinVisits: 30);

    private const string Columns = """ "weekly", "monthly", "spikes", "drops", "times", "minVisits", "language" """;

    private const string ReadSql = $"""
        -- mails of user
        SELECT {Columns} FROM "MailSubscription" WHERE "bioPageId" = @page AND "userId" = @user
        """;

    private const string StoreSql = $"""
        -- choose mails
        INSERT INTO "MailSubscription" ("bioPageId", "userId", {Columns}, "changedAt")
        VALUES (@page, @user, @weekly, @monthly, @spikes, @drops, @times, @minVisits, @language, @now)
        ON CONFLICT ("bioPageId", "userId") DO UPDATE SET "weekly" = @weekly, "monthly" = @monthly, "spikes" = @spikes, "drops" = @drops,
          "times" = @times, "minVisits" = @minVisits, "language" = @language, "changedAt" = @now
        """;

    // Only to a confirmed address of somebody who may see the page: the owner or a member.
    private const string ReceiversSql = $"""
        -- receivers of mails
        SELECT s."bioPageId", s."userId", u."email", page."timeZone", s."changedAt", {Columns}
        FROM "MailSubscription" s JOIN "BioPage" page ON page."id" = s."bioPageId" JOIN "CreatorProfile" creator ON creator."id" = page."creatorId"
          JOIN "User" u ON u."id" = s."userId" JOIN "User" owner ON owner."id" = creator."userId"
        WHERE u."email" IS NOT NULL AND u."emailConfirmedAt" IS NOT NULL AND u."suspendedAt" IS NULL AND owner."suspendedAt" IS NULL AND (u."id" = creator."userId"
          OR EXISTS (SELECT 1 FROM "PageMember" member WHERE member."bioPageId" = page."id" AND member."userId" = u."id"))
        """;

    private const string AllSql = ReceiversSql + """ AND (s."weekly" OR s."monthly" OR s."spikes" OR s."drops")""";

    private const string OneSql = ReceiversSql + """ AND s."bioPageId" = @page AND s."userId" = @user""";

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        creators.MapGet("mails", http => CallerPage.WithOwnAsync(http, page => GetAsync(http, page))).RequireAuthorization()
            .WithMetadata(PageAccess.Viewers, new ThrottlePolicy("mails", settings.BioReadsPerMinute, TimeSpan.FromMinutes(1)));
        creators.MapPut("mails", http => CallerPage.WithOwnAsync(http, page => PutAsync(http, page))).RequireAuthorization()
            .WithMetadata(PageAccess.Viewers, new ThrottlePolicy("mails put", settings.BioEditsPerMinute, TimeSpan.FromMinutes(1)));
    }

    /// <summary>What the user has chosen.</summary>
    public static async Task<MailSubscription> ReadAsync(MainDatabase main, Guid page, Guid user, CancellationToken cancellationToken) =>
        await main.QueryAsync(ReadSql, row => Of(row, 0), cancellationToken, ("@page", page), ("@user", user)) is [var chosen] ? chosen : None;

    /// <summary>Stores what the user chooses.</summary>
    public Task StoreAsync(MainDatabase main, Guid page, Guid user, DateTimeOffset now, CancellationToken cancellationToken) => main.ExecuteAsync(
        StoreSql, cancellationToken, ("@page", page), ("@user", user), ("@weekly", Weekly), ("@monthly", Monthly), ("@spikes", Spikes),
        ("@drops", Drops), ("@times", Times), ("@minVisits", MinVisits), ("@language", Language), ("@now", now));

    /// <summary>Everybody who gets some mail.</summary>
    public static Task<List<MailReceiver>> ReceiversAsync(MainDatabase main, CancellationToken cancellationToken) =>
        main.QueryAsync(AllSql, row => ReceiverOf(main, row), cancellationToken);

    /// <summary>One who may get mail about a page; null when the user may not.</summary>
    public static async Task<MailReceiver?> ReceiverAsync(MainDatabase main, Guid page, Guid user, CancellationToken cancellationToken) =>
        await main.QueryAsync(OneSql, row => ReceiverOf(main, row), cancellationToken, ("@page", page), ("@user", user)) is [var one] ? one : null;

    private static MailReceiver ReceiverOf(MainDatabase main, DbDataReader row) => new(
        main.Dialect.ReadGuid(row, 0), main.Dialect.ReadGuid(row, 1), row.GetString(2),
        (row.IsDBNull(3) ? null : TimeZoneName.Find(row.GetString(3))) ?? DateTimeZone.Utc, main.Dialect.ReadInstant(row, 4), Of(row, 5));

    private static MailSubscription Of(DbDataReader row, int column) => new(
        row.GetBoolean(column), row.GetBoolean(column + 1), row.GetBoolean(column + 2), row.GetBoolean(column + 3), row.GetInt32(column + 4),
        row.GetInt32(column + 5))
    {
        Language = row.GetString(column + 6),
    };

    /// <param name="body">The body.</param>
    /// <param name="language">The language where the body names none.</param>
    private static MailSubscription Read(JsonBody body, string language)
    {
        var read = new MailSubscription(
            body.RequiredBoolean("weekly"), body.RequiredBoolean("monthly"), body.RequiredBoolean("spikes"), body.RequiredBoolean("drops"),
            body.OptionalNumber("times", MaxTimes) ?? None.Times, body.OptionalNumber("minVisits", MaxMinVisits) ?? None.MinVisits)
        {
            Language = body.OptionalText("language", MaxTag) ?? language,
        };
        if (read.Times < MinTimes)
        {
            body.Refuse("times", $"must be at least {MinTimes}");
        }

        if (read.MinVisits < 1)
        {
            body.Refuse("minVisits", "must be at least 1");
        }

        if (!Words.All.Any(words => words.Tag == read.Language))
        {
            body.Refuse("language", "must be one of " + string.Join(", ", Words.All.Select(words => words.Tag)));
        }

        return read;
    }

    private static async Task GetAsync(HttpContext http, Guid page) => await ApiResponse.OkAsync(
        http,
        await ReadAsync(http.RequestServices.GetRequiredService<MainDatabase>(), page, Sessions.UserOf(http)!.Value, http.RequestAborted),
        MailJson.Default.SuccessMailSubscription);

    private static async Task PutAsync(HttpContext http, Guid page)
    {
        var services = http.RequestServices;
        var (main, user) = (services.GetRequiredService<MainDatabase>(), Sessions.UserOf(http)!.Value);
        var before = await ReadAsync(main, page, user, http.RequestAborted);
        var (chosen, refusal) = await JsonRequest.ReadAsync(http, body => Read(body, before.Language));
        if (chosen is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        await chosen.StoreAsync(main, page, user, services.GetRequiredService<TimeProvider>().GetUtcNow(), http.RequestAborted);
        await ApiResponse.OkAsync(http, chosen, MailJson.Default.SuccessMailSubscription);
    }
}

/// <summary>Somebody who gets mails about a page.</summary>
/// <param name="Page">The page.</param>
/// <param name="User">The user.</param>
/// <param name="Email">The confirmed address.</param>
/// <param name="Zone">The page's zone.</param>
/// <param name="ChangedAt">Since when the choice holds.</param>
/// <param name="Chosen">The choice.</param>
internal sealed record MailReceiver(
    Guid Page, Guid User, string Email, DateTimeZone Zone, DateTimeOffset ChangedAt, MailSubscription Chosen);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<MailSubscription>))]
internal sealed partial class MailJson : JsonSerializerContext;
