using System.Globalization;
using Bioscope.Engine.Counting;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Dashboard.Rules;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>A page of rows, with its data.</summary>
internal sealed record RowsView(Desk Desk, RowsQuestion Question, QueryAnswer Answer, int Place) : Desk(Desk)
{
    private int Pages => Math.Max(1, (Answer.RowCount + RowsPage.Size - 1) / RowsPage.Size);

    private string Path => "/dashboard/rows/" + Question.First.Name;

    private (string Name, string? Value) By => ("by", Question.Second?.Name);

    private RowsWords Texts => new(Words);

    /// <summary>What is listed.</summary>
    public string Title => Words.Capital(TitleInSentence);

    /// <summary>Like <see cref="Title"/>, within a sentence.</summary>
    public string TitleInSentence => Question.Second is { } second
        ? Texts.By(Dimensions.ManyInSentence(Question.First), Dimensions.OneInSentence(second))
        : Dimensions.ManyInSentence(Question.First);

    /// <summary>The page's content.</summary>
    public Html Render(Html formField) => Html.Of($"""
        {PageTop.Render(this, formField, Address.Dashboard)}
        <main id="main" class="all-rows">
        {PeriodPicker.Render(this, Path, By)}{Chips.Render(this, Path, By)}{KeptNote.Render(this)}
        <p class="back"><a href="{Address.Link}">{new DashboardWords(Words).Back}</a></p>
        <section class="block"><header><h1>{Title}</h1>{Csv(Question.First.Name, Title, Question.Second?.Name)}</header>
        <form class="by" action="{Path}"><label>{Texts.SplitBy} <select name="by"><option value="">{Texts.Nothing}</option>{Others().Select(Option)}</select></label>{Hidden(Address.Fields)}<button>{Texts.Show}</button></form>
        {Table()}{Turning()}</section>
        </main>

        """);

    private IEnumerable<Dimension> Others() => DimensionWords.Listed.Where(dimension => dimension != Question.First);

    private Html Option(Dimension dimension) =>
        Html.Of(
            $"""<option value="{dimension.Name}"{(dimension == Question.Second ? Html.Trusted(" selected") : Html.Nothing)}>{Dimensions.Many(dimension)}</option>""");

    private Html Table()
    {
        if (Answer.Rows.Count == 0)
        {
            return Html.Of(
                $"""<p class="none">{(Answer.RowCount == 0 ? Texts.Empty(FilteredPeriod) : Texts.NoSuchPage(Number(Place), Number(Pages)))}</p>""");
        }

        return Html.Of($"""
            <div class="scroll wide-table" tabindex="0" role="group" aria-label="{Title}"><table><thead><tr>{Question.Dimensions.Select(dimension => Html.Of($"""<th scope="col" class="text">{Dimensions.One(dimension)}</th>"""))}{Question.Metrics.Select(metric => Html.Of($"""<th scope="col">{new MetricWords(Words).Head(metric)}</th>"""))}</tr></thead>
            <tbody>{Answer.Rows.Select(Row)}</tbody></table></div>
            """);
    }

    private Html Row(AnswerRow row) => Html.Of($"""
        <tr>{row.Dimensions.Select((value, i) => Cell(i, Filtering(Question.Dimensions[i], [string.IsNullOrEmpty(value) ? null : value], "value", Html.Of($"<bdi>{ValueOf(Question.Dimensions[i], value)}</bdi>")), Mark(Question.Dimensions[i], value)))}{row.Metrics.Select((value, i) => Html.Of($"<td>{Shown(Question.Metrics[i], value)}</td>"))}</tr>
        """);

    private static Html Cell(int place, Html content, Html mark) =>
        place == 0 ? Html.Of($"""<th scope="row">{content}{mark}</th>""") : Html.Of($"""<td class="text">{content}{mark}</td>""");

    // In the list of sources itself; the same source is in many rows of a list by two dimensions.
    private Html Mark(Dimension dimension, string? value) =>
        MayEdit && dimension.Name == "source" && Question.Second is null ? RuleLink.Mark(Words, [value], ValueOf(dimension, value)) : Html.Nothing;

    private string Shown(Metric metric, double value) =>
        metric is Metric.ClickRate or Metric.Share ? Percent(value, 2) : Number((long)value);

    private Html Turning()
    {
        if (Answer.RowCount == 0)
        {
            return Html.Nothing;
        }

        var (first, last) = ((Place - 1L) * RowsPage.Size, ((Place - 1L) * RowsPage.Size) + Answer.Rows.Count);
        return Pager.Render(
            Texts.Turning,
            (AddressOf(Place - 1), Texts.Previous),
            Answer.Rows.Count == 0 ? Texts.Count(Answer.RowCount) : Texts.Range(Number(first + 1), Number(last), Number(Answer.RowCount)),
            (AddressOf(Place + 1), Texts.Next));
    }

    private string? AddressOf(int number) => number < 1 || number > Pages
        ? null
        : Address.To(Path, By, ("page", number == 1 ? null : number.ToString(CultureInfo.InvariantCulture)));
}
