using System.Text.RegularExpressions;

namespace Bioscope.Server.Tests;

/// <summary>
/// Statements on visits and on what is derived from them are about one page, so the tables could be spread over machines by page. Those that
/// are not are listed by name, or by file where they are a part, with the reason.
/// </summary>
public sealed partial class StatementPageTests
{
    /// <summary>Why a statement is about several pages.</summary>
    internal static readonly Dictionary<string, string> OfManyPages = new(StringComparer.Ordinal)
    {
        ["Pages.cs"] = "maintenance: a part of the statement that walks from page to page",
        ["pages with rollups"] = "maintenance: looks for what is left of pages",
        ["pages of derived data"] = "maintenance: repair looks for malformed pages",
        ["unsealed pages"] = "maintenance: what a start finds to be sealed",
        ["unseal pages"] = "maintenance: the clock was set back",
        ["remove old imported days"] = "maintenance: retention",
        ["sessions of import"] = "import: ids that other pages may have",
        ["foreign sessions of events"] = "ingestion: an old or imported id does not carry its page",
        ["foreign page views of events"] = "ingestion: an old or imported id does not carry its page",
        ["pages with old anonymous visits"] = "maintenance: looks for pages that have some",
        ["pages with old drops"] = "maintenance: looks for pages that have some",
        ["replace imported day"] = "an insert: the row has its page",
        ["save open visit"] = "an insert: the row has its page",
        ["count drops"] = "an insert: the row has its page",
    };

    [Fact]
    public void A_statement_on_visits_is_about_one_page()
    {
        Assert.Empty(Statements().Where(statement => !IsOfOnePage(statement) && !OfManyPages.ContainsKey(KeyOf(statement))).Select(
            statement => $"{statement.File}: {statement.Text}"));
    }

    [Fact]
    public void Listed_exceptions_still_are_some()
    {
        Assert.Empty(OfManyPages.Keys.Except(Statements().Where(statement => !IsOfOnePage(statement)).Select(KeyOf)));
    }

    private static List<StatementNameTests.Literal> Statements()
    {
        var statements = StatementNameTests.Literals().FindAll(literal => Reference().IsMatch(literal.Text));
        Assert.InRange(statements.Count, 50, int.MaxValue);
        return statements;
    }

    // Parts of statements have no name.
    private static string KeyOf(StatementNameTests.Literal statement) => statement.Name ?? statement.File;

    /// <summary>Whether there is a condition on the page for each time a table is named.</summary>
    private static bool IsOfOnePage(StatementNameTests.Literal statement) => Reference().Count(statement.Text) <= Condition().Count(statement.Text);

    [GeneratedRegex("""
        (?:FROM|JOIN|UPDATE|INTO)\s+"(?:AnalyticsSession|AnalyticsPageView|Rollup|RollupPage|RollupVisitors|OutcomeChange|Segment|SegmentColumn|ImportedDay|AnonymousVisit|PageDrop)"
        """, RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    [GeneratedRegex("""
        "bioPageId" = (?:@page|@none|"?\w+"?\."bioPageId")|RowsById\.Is(?:Session|PageView|Foreign)\b
        """)]
    private static partial Regex Condition();
}
