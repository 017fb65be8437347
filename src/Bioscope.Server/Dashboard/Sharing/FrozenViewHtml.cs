using System.Globalization;
using System.Text.Json.Nodes;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>The page of a frozen view, from its proof alone.</summary>
internal static class FrozenViewHtml
{
    public static Html Render(SharedView shared, JsonNode payload, Words words)
    {
        var (range, texts) = (payload["range"]!, new SharedViewWords(words));
        var days = texts.FrozenDays(Signed(range, "from"), Signed(range, "until"), Signed(range, "timeZone"));
        var by = Text(payload, "name") is { Length: > 0 } ? Html.Of($"{texts.By(Signed(payload, "name"))} ") : Html.Nothing;
        var proof = texts.Proof(
            Html.Of($"""<a href="{shared.Url}/proof.json" download>"""), Html.Trusted("</a>"), Html.Trusted("""<a href="/proof">"""));
        // What was signed stays as it was signed: in English.
        var note = words.Tag == "en" ? Html.Nothing : Html.Of($"""<p class="note">{texts.AsSigned}</p>""");
        return Html.Of($"""
            <a class="skip" href="#main">{new DashboardWords(words).Skip}</a>
            <main id="main" class="shared">
            <div class="hero"><div class="lead"><h1><bdi>{shared.Title}</bdi></h1><p>{days} {by}{texts.FrozenAt(Signed(payload, "frozenAt"))}</p>
            {Filters(shared, words)}
            <p>{proof}</p>{note}</div></div>
            {payload["answers"]!.AsArray().Select((answer, i) => Table(answer!, i))}
            <section class="block" aria-labelledby="uncounted"><header><h2 id="uncounted">{texts.NotCounted}</h2></header><p class="note" lang="en" dir="ltr">{Text(payload["notCounted"]!, "note")}</p>
            <table lang="en" dir="ltr"><tbody>{payload["notCounted"]!["reasons"]!.AsArray().Select(reason => Html.Of($"""<tr><th scope="row">{Text(reason!, "reason")}</th><td>{Cell(reason!["count"])}</td></tr>"""))}</tbody></table></section>
            </main>
            <footer><p lang="en" dir="ltr">{Text(payload, "method")}</p></footer>

            """);
    }

    // By their stored values: the names of links may have changed since.
    private static Html Filters(SharedView shared, Words words)
    {
        var (texts, dimensions) = (new FilterWords(words), new DimensionWords(words));
        return shared.Asked.Filters.Count == 0 ? Html.Nothing : Html.Of($"""
            <ul class="chips" aria-label="{texts.Filters}">{shared.Asked.Filters.Select(filter => Html.Of($"""<li><span class="chip"><span>{texts.Of(dimensions.One(filter.Dimension), filter.Operator, Html.Of($"<b>{texts.AnyOf([.. filter.Values.Select(value => Html.Of($"<bdi>{ShownText.Of(value)}</bdi>"))])}</b>"))}</span></span></li>"""))}</ul>
            """);
    }

    private static Html Signed(JsonNode node, string field) => Html.Of($"<bdi>{Text(node, field)}</bdi>");

    private static Html Table(JsonNode answer, int number) => Html.Of($"""
        <section class="block" lang="en" dir="ltr" aria-labelledby="answer-{number}"><header><h2 id="answer-{number}">{Text(answer, "name")}</h2></header>
        <div class="scroll wide-table" tabindex="0" role="group" aria-label="{Text(answer, "name")}"><table><thead><tr>{answer["columns"]!.AsArray().Select(column => Html.Of($"""<th scope="col">{(string?)column}</th>"""))}</tr></thead>
        <tbody>{answer["rows"]!.AsArray().Select(row => Html.Of($"""<tr>{row!.AsArray().Select((cell, i) => i == 0 ? Html.Of($"""<th scope="row"><bdi>{(string?)cell}</bdi></th>""") : Html.Of($"<td>{Cell(cell)}</td>"))}</tr>"""))}</tbody></table></div></section>

        """);

    private static string Text(JsonNode node, string field) => (string?)node[field] ?? "";

    // As it is signed: with a point and without separators.
    private static string Cell(JsonNode? number) => number!.GetValue<decimal>().ToString(CultureInfo.InvariantCulture);
}
