using System.Globalization;
using System.Text.Json.Nodes;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>The page of a frozen view, from its proof alone.</summary>
internal static class FrozenViewHtml
{
    public static Html Render(SharedView shared, JsonNode payload)
    {
        var range = payload["range"]!;
        return Html.Of($"""
            <a class="skip" href="#main">Skip to content</a>
            <main id="main" class="shared">
            <div class="hero"><div class="lead"><h1><bdi>{shared.Title}</bdi></h1><p>{Text(range, "from")} to {Text(range, "until")}, days in {Text(range, "timeZone")}. {(Text(payload, "name") is { Length: > 0 } name ? $"By {name}. " : "")}Frozen at {Text(payload, "frozenAt")}: these figures do not change.</p>
            {Filters(shared)}
            <p><a href="{shared.Url}/proof.json" download>Download the signed proof</a>, and <a href="/proof">check it</a>.</p></div></div>
            {payload["answers"]!.AsArray().Select((answer, i) => Table(answer!, i))}
            <section class="block" aria-labelledby="uncounted"><header><h2 id="uncounted">Not counted</h2></header><p class="note">{Text(payload["notCounted"]!, "note")}</p>
            <table><tbody>{payload["notCounted"]!["reasons"]!.AsArray().Select(reason => Html.Of($"""<tr><th scope="row">{Text(reason!, "reason")}</th><td>{Cell(reason!["count"])}</td></tr>"""))}</tbody></table></section>
            </main>
            <footer><p>{Text(payload, "method")}</p></footer>

            """);
    }

    // By their stored values: the names of links may have changed since.
    private static Html Filters(SharedView shared) => shared.Asked.Filters.Count == 0 ? Html.Nothing : Html.Of($"""
        <ul class="chips" aria-label="Filters">{shared.Asked.Filters.Select(filter => Html.Of($"""<li><span class="chip">{DimensionWords.Of(filter.Dimension).One} {FilterText.Words(filter.Operator)} <b><bdi>{ShownText.Of(string.Join(" or ", filter.Values))}</bdi></b></span></li>"""))}</ul>
        """);

    private static Html Table(JsonNode answer, int number) => Html.Of($"""
        <section class="block" aria-labelledby="answer-{number}"><header><h2 id="answer-{number}">{Text(answer, "name")}</h2></header>
        <div class="scroll wide-table" tabindex="0" role="group" aria-label="{Text(answer, "name")}"><table><thead><tr>{answer["columns"]!.AsArray().Select(column => Html.Of($"""<th scope="col">{(string?)column}</th>"""))}</tr></thead>
        <tbody>{answer["rows"]!.AsArray().Select(row => Html.Of($"""<tr>{row!.AsArray().Select((cell, i) => i == 0 ? Html.Of($"""<th scope="row"><bdi>{(string?)cell}</bdi></th>""") : Html.Of($"<td>{Cell(cell)}</td>"))}</tr>"""))}</tbody></table></div></section>

        """);

    private static string Text(JsonNode node, string field) => (string?)node[field] ?? "";

    // As it is signed: with a point and without separators.
    private static string Cell(JsonNode? number) => number!.GetValue<decimal>().ToString(CultureInfo.InvariantCulture);
}
