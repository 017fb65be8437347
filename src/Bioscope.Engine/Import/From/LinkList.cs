using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// The links of a page elsewhere: LinkStack's export of links or of all data (its profile page), and Linktree's page, saved as HTML or as
/// the JSON in it. Headings are kept. A link that the page has already, by its address, is left as it is.
/// </summary>
internal static partial class LinkList
{
    // LinkStack's buttons that are no links in its list: a heading, two heights of space, a text, an icon above the list.
    private const string Heading = "42", Space = "43", OldSpace = "47", Text = "93", Icon = "94";

    public static bool ReadsLinkstack(ExportPart part) =>
        part.Head.TrimStart() is ['{' or '[', ..] head && head.Contains("\"button_id\"", StringComparison.Ordinal);

    public static bool ReadsLinktree(ExportPart part) => part.Head.TrimStart() switch
    {
        ['{' or '[', ..] head => !ReadsLinkstack(part) && head.Contains("\"url\"", StringComparison.Ordinal)
            && head.Contains("\"title\"", StringComparison.Ordinal),
        ['<', ..] head => head.Contains("linktr", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    public static async IAsyncEnumerable<ImportItem> ReadLinkstack(
        ExportPart part, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var root = ToolJson.Parse(await part.ReadAllAsync(cancellationToken));
        var links = root.ValueKind == JsonValueKind.Array ? root : root.Part("links");
        var items = links.Items().OrderBy(link => link.Text("up_link") == "yes" ? 0 : 1).ThenBy(link => link.Number("order") ?? 0).Select(link =>
        {
            var (button, kind) = (link.Text("button_id"), link.Text("type") ?? link.Text("typename"));
            var title = WithoutTags(link.Text("title"));
            return kind is "spacer" or "text" or "vcard" || button is Space or OldSpace or Text
                ? new ListItem(title, null, Left: "spaces, texts and contact cards")
                : button is Icon ? new ListItem(title, null, Left: "icons above the links: add them to the page by hand")
                : kind is "heading" || button is Heading ? new ListItem(title, null)
                : new ListItem(title, link.Text("link") ?? "");
        });
        foreach (var item in Rows(items, target))
        {
            yield return item;
        }
    }

    public static async IAsyncEnumerable<ImportItem> ReadLinktree(
        ExportPart part, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var content = await part.ReadAllAsync(cancellationToken);
        if (part.Head.TrimStart().StartsWith('<'))
        {
            content = NextData(content)
                ?? throw new InvalidDataException("the page has no list of links in it; save it as \"HTML only\", or as its source");
        }

        var root = ToolJson.Parse(content);
        var props = root.Part("props").Part("pageProps");
        JsonElement[] places =
        [
            props.Part("links"), props.Part("account").Part("links"), root.Part("links"), root.Part("account").Part("links"),
            root.Part("data").Part("links"), root,
        ];
        var links = Array.Find(places, place => place.ValueKind == JsonValueKind.Array);
        var inner = links.Items().Where(link => link.Part("parent").Text("id") is not null)
            .OrderBy(link => link.Number("position") ?? 0).ToLookup(link => link.Part("parent").Text("id"));
        var items = links.Items().Where(link => link.Part("parent").Text("id") is null).OrderBy(link => link.Number("position") ?? 0)
            .SelectMany(link => OfLinktree(link).Concat(inner[link.Text("id")].SelectMany(OfLinktree)));
        foreach (var item in Rows(items, target))
        {
            yield return item;
        }
    }

    private static IEnumerable<ListItem> OfLinktree(JsonElement link)
    {
        var (title, url, type) = (link.Text("title") ?? link.Text("name"), link.Text("url") ?? link.Text("link"), link.Text("type"));
        // A group is a heading with links below it.
        yield return type is "HEADER" or "GROUP" || (url is null && title is not null) ? new ListItem(title, null)
            : new ListItem(title, url ?? "");
        foreach (var inner in link.Part("links").Items().OrderBy(inner => inner.Number("position") ?? 0).SelectMany(OfLinktree))
        {
            yield return inner;
        }
    }

    private static IEnumerable<ImportItem> Rows(IEnumerable<ListItem> items, ImportTarget target)
    {
        var (position, number) = (target.NextPosition, 0L);
        var seen = new HashSet<Guid>();
        foreach (var item in items)
        {
            target.RowRead();
            number++;
            if (item.Left is { } left)
            {
                target.LeaveOut(left);
                continue;
            }

            var title = ImportTarget.Cut(item.Title, BioPageRow.MaxTitle) ?? "";
            var url = item.Url?.Trim();
            if (url is not null && (url.Length > 8_192 || !OutboundUrl.IsAllowed(url)))
            {
                yield return new ImportItem(
                    number, null,
                    $"{(title.Length > 0 ? $"\"{title}\": " : "")}the address {Shown(url)} is not a web address that begins with " +
                    "http:// or https://");
                continue;
            }

            var id = url is null ? Uuid.Named($"import heading\0{target.Page:D}\0{title}")
                : target.LinkOf(url) ?? Uuid.Named($"import link\0{target.Page:D}\0{ImportTarget.LinkKey(url)}");
            if ((url is null && title.Length == 0) || !seen.Add(id))
            {
                target.LeaveOut("links that are in the list twice");
                continue;
            }

            yield return new ImportItem(
                number,
                new BioLinkRow(id, target.Page, title.Length == 0 ? OutboundUrl.HostOf(url!) : title, url ?? "")
                {
                    Position = Math.Min(position++, ImportLine.MaxPosition),
                    Heading = url is null,
                },
                null);
        }
    }

    private static string Shown(string url) => url.Length == 0 ? "is missing and" : $"'{(url.Length > 60 ? url[..60] + "…" : url)}'";

    private static string? WithoutTags(string? html) => html is null ? null : WebUtility.HtmlDecode(Tag().Replace(html, ""));

    /// <summary>The content of the page's script <c>__NEXT_DATA__</c>, which is JSON; null where it has none.</summary>
    private static ReadOnlyMemory<byte>? NextData(ReadOnlyMemory<byte> page)
    {
        var start = page.Span.IndexOf("__NEXT_DATA__"u8);
        var open = start < 0 ? -1 : page.Span[start..].IndexOf((byte)'>');
        if (open < 0)
        {
            return null;
        }

        var data = page[(start + open + 1)..];
        return data.Span.IndexOf("</script"u8) is >= 0 and var end ? data[..end] : null;
    }


    [GeneratedRegex("<[^>]{0,1000}>")]
    private static partial Regex Tag();

    /// <summary>An entry of the list; a heading has no address.</summary>
    private sealed record ListItem(string? Title, string? Url, string? Left = null);
}
