using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>Leads through a list that is shown in parts.</summary>
internal static class Pager
{
    /// <param name="label">What the list is called.</param>
    /// <param name="before">The part before this one, and where it is; null where this is the first.</param>
    /// <param name="place">Which part this is; null where that is not said.</param>
    /// <param name="after">The part after this one.</param>
    public static Html Render(string label, (string? Address, string Text) before, string? place, (string? Address, string Text) after) => Html.Of($"""
        <nav class="pager" aria-label="{label}">{Turn("prev", before)}{(place is null ? Html.Nothing : Html.Of($"<span>{place}</span>"))}{Turn("next", after)}</nav>
        """);

    private static Html Turn(string relation, (string? Address, string Text) part) => part.Address is { } address
        ? Html.Of($"""<a rel="{relation}" href="{address}">{part.Text}</a>""")
        : Html.Of($"<span></span>");
}
