namespace Bioscope.Engine.Creators;

/// <summary>What whoever adds users must know of passwords.</summary>
/// <param name="MaxChars">Characters that one may have.</param>
/// <param name="Problem">What keeps a text from being a new password, as the end of a sentence that begins with "the password", or null.</param>
/// <param name="Hash">Its hash, which takes a while.</param>
internal sealed record PasswordRule(int MaxChars, Func<string, string?> Problem, Func<string, string> Hash);
