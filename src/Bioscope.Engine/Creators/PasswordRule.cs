namespace Bioscope.Engine.Creators;

/// <summary>The rules for new passwords.</summary>
/// <param name="MaxChars">The maximum length in characters.</param>
/// <param name="Problem">Why a text cannot be a new password, as the end of a sentence that begins with "the password", or null.</param>
/// <param name="Hash">Computes the hash, which is slow.</param>
internal sealed record PasswordRule(int MaxChars, Func<string, string?> Problem, Func<string, string> Hash);
