using System.Globalization;
using System.IO.Compression;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Import;
using Bioscope.Engine.Import.From;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Tests.Import.From;

/// <summary>Reads a file as an import does, for a page with two links, and writes rows as short texts.</summary>
internal sealed class ExportReading
{
    public static readonly Guid Page = new("11111111-1111-4111-8111-111111111111");

    public static readonly Guid Shop = new("22222222-2222-4222-8222-222222222222");

    private readonly List<ImportItem> _items = [];

    public ExportTool? Tool { get; private set; }

    public ImportTarget Target { get; private init; } = null!;

    public IReadOnlyList<ImportItem> Items => _items;

    public IEnumerable<SessionRow> Sessions => _items.Select(item => item.Row).OfType<SessionRow>().OrderBy(row => row.StartedAt);

    public IEnumerable<PageViewRow> Views => _items.Select(item => item.Row).OfType<PageViewRow>().OrderBy(row => row.EnteredAt);

    public IEnumerable<Guid> Ids => Sessions.Select(row => row.Id).Concat(Views.Select(row => row.Id));

    /// <summary>When, from where, with what, how many pages and how long.</summary>
    public IEnumerable<string> Visits => Sessions.Select(row => string.Join(' ', new[]
    {
        row.StartedAt.ToText()[..19], row.ReferrerDomain, row.CountryCode, row.City, row.Device, row.Browser, row.Os, row.OsVersion, row.Language,
        row.Page, row.Attribution.UtmSource is { } source ? "utm=" + source : null, row.Attribution.Ref is { } tag ? "ref=" + tag : null,
        row.Attribution.ClickId,
        string.Create(CultureInfo.InvariantCulture, $"{row.PageViews}p {row.Duration}s"),
    }.Where(text => text is not null)));

    public IEnumerable<string> Pages => Views.Select(row =>
        $"{row.EnteredAt.ToText()[11..19]} {(row.LinkClicked == Shop ? "click" : row.LinkClicked is null ? row.Path : "?")}");

    public IEnumerable<string> Links => _items.Select(item => item.Row).OfType<BioLinkRow>()
        .Select(row => $"{row.Position} {(row.Heading ? "# " : "")}{row.Title} {row.Url}".TrimEnd());

    public IEnumerable<string> Problems => _items.Where(item => item.Problem is not null).Select(item => $"{item.Line}: {item.Problem}");

    public IEnumerable<string> LeftOut => Target.LeftOut.Select(left => $"{left.Value} {left.Key}");

    public static Task<ExportReading> OfAsync(
        string text, string? zone = null, string[]? hosts = null, string[]? paths = null, string name = "export") =>
        OfAsync([(name, Encoding.UTF8.GetBytes(text))], zone, hosts, paths);

    public static async Task<ExportReading> OfAsync(
        (string Name, byte[] Content)[] files, string? zone = null, string[]? hosts = null, string[]? paths = null)
    {
        var reading = new ExportReading { Target = TargetOf(zone, hosts, paths) };
        foreach (var (name, content) in files)
        {
            var folder = Directory.CreateTempSubdirectory("bioscope-export-");
            var path = Path.Combine(folder.FullName, name);
            await File.WriteAllBytesAsync(path, content);
            try
            {
                using var file = ExportFile.Open(path);
                reading.Tool = ExportTool.Of(file);
                foreach (var part in file.Parts.Where(part => reading.Tool?.Reads(part) == true).OrderBy(part => reading.Tool!.Begins(part)))
                {
                    await foreach (var item in reading.Tool!.Read(part, reading.Target, default))
                    {
                        reading._items.Add(item);
                    }
                }
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        reading._items.AddRange(reading.Target.Rest());
        return reading;
    }

    /// <summary>The page, to which an export goes.</summary>
    public static ImportTarget TargetOf(string? zone = null, string[]? hosts = null, string[]? paths = null, string? site = null) =>
        new("secret"u8.ToArray())
        {
            Page = Page,
            Zone = Counting.TimeZoneNameOf(zone ?? "Etc/UTC"),
            Site = site,
            Latest = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero),
            Hosts = (hosts ?? []).ToHashSet(),
            OnlyHosts = hosts is not null,
            Paths = (paths ?? []).ToHashSet(),
            Links = new Dictionary<string, Guid> { [ImportTarget.LinkKey("https://shop.example/Sale/")] = Shop, ["my shop"] = Shop },
            NextPosition = 5,
            Locate = (row, address) => row with { CountryCode = address.ToString().StartsWith("203.", StringComparison.Ordinal) ? "DE" : null },
        };

    /// <summary>One file of an export.</summary>
    public static ExportPart PartOf(string text) => new(() => new MemoryStream(Encoding.UTF8.GetBytes(text)));

    public static byte[] Gzip(byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionMode.Compress))
        {
            gzip.Write(content);
        }

        return zipped.ToArray();
    }

    public static byte[] Zip(params (string Name, string Content)[] members)
    {
        using var zipped = new MemoryStream();
        using (var archive = new ZipArchive(zipped, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in members)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write(content);
            }
        }

        return zipped.ToArray();
    }

    private static class Counting
    {
        public static NodaTime.DateTimeZone TimeZoneNameOf(string name) => Engine.Counting.TimeZoneName.Find(name)!;
    }
}
