using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Demo;

/// <summary>A visit and what the visitor did on the page.</summary>
internal sealed record DemoVisit(SessionRow Session, IReadOnlyList<PageViewRow> PageViews);

/// <summary>
/// Generates the traffic of a demo creator: growth, weekly and daily rhythm, viral days and their aftermath, returning visitors. The same
/// seed and last day give the same visits.
/// </summary>
internal sealed class DemoTraffic(DemoCreator creator, DateTimeOffset now)
{
    private const int DaysAPostTravels = 6;
    private const int RememberedVisitors = 4_000;

    private readonly DemoRandom _random = new(creator.Seed);
    private readonly List<string> _visitors = [];
    private readonly Draw<DemoOrigin> _origins = new(creator.Origins);
    private readonly Draw<(string Code, string Name)> _countries = new(creator.Countries);
    private readonly Draw<(string Device, string Os, string Browser)> _devices = new(creator.Devices);
    private readonly Draw<(string Device, string Os, string Browser)> _phones = new(
        [.. creator.Devices.Where(device => device.Value.Device != "desktop")]);
    private readonly Draw<(string Device, string Os, string Browser)> _androids = new(
        [.. creator.Devices.Where(device => device.Value.Os == "Android")]);

    /// <summary>All visits up to now, oldest first.</summary>
    public IEnumerable<DemoVisit> Visits()
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var weights = Enumerable.Range(0, DemoCreators.Days).Select(day => Weight(DemoCreators.Days - 1 - day, today)).ToArray();
        var perWeight = creator.Sessions / weights.Sum();
        for (var day = 0; day < weights.Length; day++)
        {
            var daysAgo = weights.Length - 1 - day;
            var starts = Enumerable.Range(0, (int)(weights[day] * perWeight))
                .Select(_ => today.AddDays(-daysAgo).AddMilliseconds(TimeOfDay()))
                .Order();
            foreach (var start in starts)
            {
                var visit = Visit(start, ViralTimes(daysAgo) > 1.5);
                // Always drawn, because a day's past must not depend on the hour at which the demo was created.
                if (start <= now)
                {
                    yield return visit;
                }
            }
        }
    }

    private double Weight(int daysAgo, DateTimeOffset today)
    {
        var age = 1 - (daysAgo / (double)DemoCreators.Days);
        var growth = Math.Pow(creator.Growth, age);
        var weekday = creator.Weekdays[((int)today.AddDays(-daysAgo).DayOfWeek + 6) % 7];
        return growth * weekday * ViralTimes(daysAgo) * Math.Exp(0.12 * _random.Normal());
    }

    /// <summary>The factor over the usual traffic: a post peaks on its day and fades over the next ones.</summary>
    private double ViralTimes(int daysAgo)
    {
        var times = 1.0;
        foreach (var (peak, peakTimes) in creator.Viral)
        {
            if (peak - daysAgo is >= 0 and < DaysAPostTravels and var since)
            {
                times += (peakTimes - 1) * Math.Exp(-0.8 * since);
            }
        }

        return times;
    }

    /// <summary>Milliseconds since midnight: most around the peak hour, few in the night before it.</summary>
    private double TimeOfDay()
    {
        while (true)
        {
            var hour = _random.Fraction() * 24;
            var height = 0.15 + (0.85 * Math.Pow((1 + Math.Cos((hour - creator.PeakHour) / 24 * 2 * Math.PI)) / 2, 1.5));
            if (_random.Chance(height))
            {
                return Math.Floor(hour * 3_600_000);
            }
        }
    }

    private DemoVisit Visit(DateTimeOffset start, bool viral)
    {
        var origin = _origins.Next(_random, viral);
        var referrer = ReferrerText(origin.Referrer);
        var country = _countries.Next(_random, viral);
        var device = (origin.IsOnAndroid ? _androids : origin.IsOnPhone ? _phones : _devices).Next(_random, viral);
        var id = _random.Uuid(start);
        var pageViews = PageViews(id, start);
        return new DemoVisit(
            new SessionRow
            {
                BioPageId = creator.BioPageId,
                Id = id,
                VisitorId = Visitor(),
                Referrer = Referrer.ForStorage(referrer),
                ReferrerDomain = Referrer.Domain(referrer),
                Country = country.Name.Length == 0 ? null : country.Name,
                CountryCode = country.Name.Length == 0 ? null : country.Code,
                Device = device.Device,
                Os = device.Os,
                // Inside an app the browser is the app.
                Browser = origin.App ?? (origin.Package is null ? device.Browser : "WebView"),
                Attribution = origin.Attribution,
                InAppBrowser = origin.App,
                RequestedWith = origin.Package,
                Placement = origin.Placement is null ? null : creator.PlacementId(origin.Placement).ToString("D"),
                StartedAt = start,
                Duration = pageViews.Sum(view => view.Duration ?? 0),
                PageViews = pageViews.Count,
            },
            pageViews);
    }

    /// <summary>The visit's page views: the page once, another view for each click on a link, and a longer look now and then.</summary>
    private List<PageViewRow> PageViews(Guid session, DateTimeOffset start)
    {
        var views = new List<PageViewRow> { View(start, null) };
        for (var chance = creator.ClickShare; views.Count < 5 && _random.Chance(chance); chance *= 0.4)
        {
            // The first links are clicked most.
            var link = (int)(Math.Pow(_random.Fraction(), 1.7) * creator.Links.Length);
            views.Add(View(views[^1].EnteredAt.AddSeconds(views[^1].Duration ?? 1), creator.LinkId(link)));
        }

        return views;

        PageViewRow View(DateTimeOffset at, Guid? link) => new()
        {
            BioPageId = creator.BioPageId,
            Id = _random.Uuid(at),
            SessionId = session,
            Path = "/@" + creator.Handle,
            EnteredAt = at,
            LinkClicked = link,
            Duration = (int)Math.Exp(2.4 + (0.9 * _random.Normal())),
        };
    }

    /// <summary>A new visitor, or one who visited recently.</summary>
    private string Visitor()
    {
        if (_visitors.Count > 0 && _random.Chance(creator.ReturningShare))
        {
            return _visitors[_random.Below(_visitors.Count)];
        }

        Span<byte> bytes = stackalloc byte[32];
        for (var i = 0; i < bytes.Length; i += sizeof(ulong))
        {
            BitConverter.TryWriteBytes(bytes[i..], _random.Next());
        }

        var visitor = Convert.ToHexStringLower(bytes);
        if (_visitors.Count < RememberedVisitors)
        {
            _visitors.Add(visitor);
        }
        else
        {
            _visitors[_random.Below(RememberedVisitors)] = visitor;
        }

        return visitor;
    }

    private string? ReferrerText(string? template) => template switch
    {
        null => null,
        // The first sites of the list send most visits of the tail.
        "blog" => DemoCreators.Blogs[(int)(Math.Pow(_random.Fraction(), 2.5) * DemoCreators.Blogs.Count)],
        _ => template.Replace(
            "*", (_random.Next() & 0xFFFFFFF).ToString("x", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal),
    };

    /// <summary>Draws by weight: cumulative weights for ordinary times and for viral ones.</summary>
    private sealed class Draw<T>(Share<T>[] shares)
    {
        private readonly double[] _usual = Sums(shares, share => share.Weight);
        private readonly double[] _viral = Sums(shares, share => share.ViralWeight);

        public T Next(DemoRandom random, bool viral)
        {
            var sums = viral ? _viral : _usual;
            var place = Array.BinarySearch(sums, random.Fraction() * sums[^1]);
            return shares[Math.Min(place < 0 ? ~place : place + 1, shares.Length - 1)].Value;
        }

        private static double[] Sums(Share<T>[] shares, Func<Share<T>, double> weight)
        {
            var sum = 0.0;
            return Array.ConvertAll(shares, share => sum += weight(share));
        }
    }
}
