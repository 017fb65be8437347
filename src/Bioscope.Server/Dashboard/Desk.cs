using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Team;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard.Team;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Dashboard;

/// <summary>What every page of the dashboard needs: the creator's page, the request, and the texts in the browser's language.</summary>
internal record Desk(
    BioPage Page, DateTimeZone? KeptZone, Address Address, Timeframe Timeframe, DateTimeOffset? FirstVisit, Words Words, Naming Naming)
{
    /// <summary>Reads who is signed in and what was requested.</summary>
    /// <returns>Null when a response was already sent.</returns>
    public static async Task<Desk?> OfCallerAsync(HttpContext http)
    {
        if (await PageOfCallerAsync(http) is not { } page)
        {
            return null;
        }

        // Asked together, so that the database answers them together.
        var zone = http.RequestServices.GetRequiredService<PageZone>().ReadAsync(page.Id, http.RequestAborted);
        var role = CallerPage.RoleOf(http);
        var isMember = role != PageRole.Owner
            ? Task.FromResult(true)
            : http.RequestServices.GetRequiredService<Members>().IsMemberAsync(Sessions.UserOf(http)!.Value, http.RequestAborted);
        return await OfAsync(http, page, zone, Address.Of(http.Request.Query), showsImported: true) with { Role = role, HasOthers = await isMember };
    }

    /// <summary>Reads what the figures of a page need.</summary>
    /// <param name="http">The request.</param>
    /// <param name="page">The page.</param>
    /// <param name="keptZone">The zone stored with it.</param>
    /// <param name="address">What is asked.</param>
    /// <param name="showsImported">Whether days that were imported as sums are shown. Viewers by a link do not see them.</param>
    public static async Task<Desk> OfAsync(
        HttpContext http, BioPage page, Task<DateTimeZone?> keptZone, Address address, bool showsImported = false)
    {
        var services = http.RequestServices;
        var naming = services.GetRequiredService<PageNaming>().ReadAsync(page.Id, http.RequestAborted);
        var analytics = services.GetRequiredService<AnalyticsDatabase>();
        var first = await Figures.FirstVisitAsync(analytics, page.Id, http.RequestAborted);
        // Another service's database has no such table.
        var imported = showsImported && !services.GetRequiredService<Settings>().SharedOwnership
            ? await ImportedDay.FirstAsync(analytics, page.Id, http.RequestAborted) : null;
        var kept = await keptZone;
        var timeframe = Timeframe.Of(
            address, address.Zone ?? kept ?? DateTimeZone.Utc, services.GetRequiredService<TimeProvider>().GetUtcNow(), first, imported);
        var since = services.GetRequiredService<KeptVisits>().Since;
        // Visits that are partly gone are not compared with.
        timeframe = timeframe.Comparison?.From < since?.ToUnixTimeMilliseconds() ? timeframe with { Comparison = null } : timeframe;
        return new Desk(page, kept, address, timeframe, first, Words.Of(http), await naming)
        {
            FirstImported = imported,
            KeptSince = since,
        };
    }

    /// <summary>How numbers and dates are written.</summary>
    public Language Language => Words.Language;

    /// <summary>The first day that was imported as sums; null when there is none, or they are not shown.</summary>
    public DateTimeOffset? FirstImported { get; private init; }

    /// <summary>What the signed-in user may do with the page.</summary>
    public PageRole Role { get; private init; } = PageRole.Owner;

    /// <summary>Since when visits are kept; null where all are.</summary>
    public DateTimeOffset? KeptSince { get; private init; }

    /// <summary>Whether visits of the period were removed, or there may have been earlier ones.</summary>
    public bool LacksVisits =>
        BeginsBeforeKept || (KeptSince is { } since && IsAllTime && FirstVisit < Bioscope.Core.Grain.Month.Next(since));

    /// <summary>Whether the engine refuses questions about the period. All time begins with the first visit that is kept.</summary>
    public bool BeginsBeforeKept => !IsAllTime && Timeframe.Range.From < KeptSince?.ToUnixTimeMilliseconds();

    /// <summary>Whether the period is all time.</summary>
    public bool IsAllTime => Address.Range is RangeRequest.Named { Name: NamedRange.All };

    /// <summary>Whether the user may change the page.</summary>
    public bool MayEdit => !IsShared && Role >= PageRole.Editor;

    /// <summary>Whether the user may see pages of others.</summary>
    public bool HasOthers { get; private init; }

    /// <summary>
    /// Whether it is shown to others by a link: then nothing on it leads to the dashboard, to files, or to other figures.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>The page that the signed-in user has chosen, or the own one; others are redirected to the sign-in form.</summary>
    /// <returns>Null when a response was already sent.</returns>
    public static async Task<BioPage?> PageOfCallerAsync(HttpContext http)
    {
        if (await UserOfCallerAsync(http) is not { } user)
        {
            return null;
        }

        var chosen = ChosenPage.Read(http);
        var (id, refusal) = await CallerPage.OfCallerAsync(http, chosen);
        var page = id is null ? null : await BioPage.OfIdAsync(
            http.RequestServices.GetRequiredService<MainDatabase>(), id.Value, http.RequestAborted);
        if (page is not null)
        {
            return page;
        }

        if (id is null && chosen is null && await Operators.IsAsync(
            http.RequestServices.GetRequiredService<MainDatabase>(), user, http.RequestAborted))
        {
            // An operator need not have a page, but she has an account.
            if (http.GetEndpoint()?.Metadata.GetMetadata<PageAccess>()?.IgnoresChoice == true)
            {
                return new BioPage(Guid.Empty, null, null, null, []);
            }

            SignInPage.GoTo(http, SessionCookie.OperatorPath);
            return null;
        }

        // Her own page takes the place of none that she was removed from: a form that is sent meanwhile would change the wrong one.
        if (chosen is not null && refusal != ApiError.Forbidden)
        {
            ChosenPage.Clear(http);
            SignInPage.GoTo(http, PagesPage.Path);
        }
        else if (refusal?.Status == StatusCodes.Status404NotFound
            && await http.RequestServices.GetRequiredService<Members>().IsMemberAsync(user, http.RequestAborted))
        {
            SignInPage.GoTo(http, PagesPage.Path);
        }
        else
        {
            await Errors.WriteAsync(http, refusal ?? ApiError.ForStatus(StatusCodes.Status404NotFound));
        }

        return null;
    }

    /// <summary>The signed-in user, within the dashboard's rate limit; others are redirected to the sign-in form.</summary>
    /// <returns>Null when a response was already sent.</returns>
    public static async Task<Guid?> UserOfCallerAsync(HttpContext http)
    {
        if (!await SessionCookie.SignInAsync(http))
        {
            http.Response.Headers.CacheControl = "no-store";
            SignInPage.GoTo(http, "/dashboard/sign-in");
            return null;
        }

        var limit = new ThrottlePolicy(
            "dashboard", http.RequestServices.GetRequiredService<Settings>().ReportsPerMinute, TimeSpan.FromMinutes(1));
        if (await http.RequestServices.GetRequiredService<Throttle>().TakeAsync(http, limit) is { } over)
        {
            await Errors.WriteAsync(http, over);
            return null;
        }

        return Sessions.UserOf(http);
    }

    /// <summary>The zone of the times that she sets: the one stored with her page.</summary>
    public DateTimeZone Zone => KeptZone ?? DateTimeZone.Utc;

    /// <summary>The creator's display name.</summary>
    public string Name => NameOf(Page, Words);

    /// <summary>The display name of a page's creator.</summary>
    public static string NameOf(BioPage page, Words words) =>
        ShownText.Of(page.Title ?? (page.Handle is null ? new DashboardWords(words).YourPage : "@" + page.Handle));

    /// <summary>The display names of dimensions and values.</summary>
    public DimensionWords Dimensions => new(Words);

    /// <summary>The period as words within a sentence: <c>in the last 30 days</c>.</summary>
    public string Period
    {
        get
        {
            var texts = new PeriodWords(Words);
            return Periods.Of(Address.Range) is { } named ? named.Phrase(texts)
                : Timeframe.Days is var (first, last) && first != last ? texts.FromTo(Day(first), Day(last))
                : texts.OnDay(Day(Timeframe.Days!.Value.First));
        }
    }

    /// <summary>Like <see cref="Period"/>, with a word about filters if there are any.</summary>
    public string FilteredPeriod => Address.Filters.Count == 0 ? Period : new PeriodWords(Words).Filtered(Period);

    public string Number(long number) => Language.Number(number);

    public string Percent(double percentage, int decimals = 0) => Language.Percent(percentage, decimals);

    /// <summary>A day, with its year unless that is the current one.</summary>
    public string Day(LocalDate day) => day.Year == Timeframe.Local(Timeframe.Now).Year
        ? Language.Day(day.ToDateOnly())
        : Language.YearDay(day.ToDateOnly());

    /// <summary>A local time of the day.</summary>
    public string Time(LocalDateTime local) => Language.Time(local.TimeOfDay.ToTimeOnly());

    /// <summary>An instant, as local day and time.</summary>
    public string At(DateTimeOffset instant)
    {
        var local = Timeframe.Local(instant.ToUnixTimeMilliseconds());
        return At(local);
    }

    /// <summary>A local day and time.</summary>
    public string At(LocalDateTime local) => new DashboardWords(Words).DayAndTime(Day(local.Date), Time(local));

    /// <summary>The display name of a value.</summary>
    public string ValueOf(Dimension dimension, string? value) => Dimensions.ValueOf(dimension, value, Page.Links);

    /// <summary>Hidden fields that carry a part of the address in a form.</summary>
    public static Html Hidden(IEnumerable<(string Name, string? Value)> fields) => Html.Join(fields
        .Where(field => field.Value is not null)
        .Select(field => Html.Of($"""<input type="hidden" name="{field.Name}" value="{field.Value}">""")));

    /// <summary>A link to the file with the figures of a block; none where the file would be refused.</summary>
    /// <param name="type">The file.</param>
    /// <param name="title">What it contains.</param>
    /// <param name="by">The second dimension, if there is one.</param>
    public Html Csv(string type, string title, string? by = null) => IsShared || BeginsBeforeKept ? Html.Nothing : Html.Of(
        $"""<a class="csv" href="{Address.To("/dashboard/export", ("type", type), ("by", by))}" aria-label="{new DashboardWords(Words).AsCsv(title)}" download>CSV</a>""");

    /// <summary>A link that shows only what has these values; just its content where there is no such link.</summary>
    public Html Filtering(Dimension dimension, IReadOnlyList<string?> values, string classes, Html content)
    {
        var filter = FilterText.Keeping(dimension, values);
        return filter is null || IsShared || Address.Filters.Contains(filter)
            ? Html.Of($"""<span class="{classes}">{content}</span>""")
            : Html.Of($"""<a class="{classes}" href="{Address.With(filter).Link}">{content}</a>""");
    }
}
