namespace Bioscope.Server.Web;

/// <summary>What a user may do with a page; each role may do what those before it may.</summary>
internal enum PageRole
{
    /// <summary>Reads its figures.</summary>
    Viewer,

    /// <summary>Changes the page and what belongs to it.</summary>
    Editor,

    /// <summary>Decides who the others are.</summary>
    Owner,
}

/// <summary>The roles of members as they are stored and sent.</summary>
internal static class MemberRole
{
    public const string Viewer = "viewer", Editor = "editor";

    public static IReadOnlyList<string> All { get; } = [Viewer, Editor];

    /// <summary>Null for a text that is none of them.</summary>
    public static PageRole? Read(string role) => role switch { Viewer => PageRole.Viewer, Editor => PageRole.Editor, _ => null };
}

/// <summary>
/// On a route about a page: which members of it may use the route. Without it only the owner may, so that a route that was forgotten is
/// closed to all others.
/// </summary>
/// <param name="Least">The role that it takes.</param>
internal sealed record PageAccess(PageRole Least)
{
    public static PageAccess Viewers { get; } = new(PageRole.Viewer);

    public static PageAccess Editors { get; } = new(PageRole.Editor);

    /// <summary>For what belongs to the user and to no page: it acts with the user's own page, whichever was chosen.</summary>
    public static PageAccess OwnPage { get; } = new(PageRole.Owner) { IgnoresChoice = true };

    public bool IgnoresChoice { get; private init; }
}
