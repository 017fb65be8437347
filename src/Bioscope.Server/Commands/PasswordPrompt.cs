using System.Text;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Commands;

/// <summary>
/// Asks for a new password: on a terminal twice and without echo, otherwise one line of standard input. It is never an argument, because
/// the shell's history and process lists show arguments.
/// </summary>
internal static class PasswordPrompt
{
    /// <returns>The password, or null when standard input was empty.</returns>
    /// <exception cref="CommandException">The password is not allowed, or the two entries differ.</exception>
    public static string? Read()
    {
        var password = Console.IsInputRedirected ? ReadLine() : Ask("Password: ");
        if (password is null)
        {
            return null;
        }

        if (password.Length is < Passwords.MinChars or > Passwords.MaxChars)
        {
            throw new CommandException(
                $"The password must have {Passwords.MinChars} to {Passwords.MaxChars} characters. Nothing was changed.");
        }

        if (Passwords.Problem(password) is { } problem)
        {
            throw new CommandException($"The password {problem}. Nothing was changed.");
        }

        if (!Console.IsInputRedirected && Ask("Repeat the password: ") != password)
        {
            throw new CommandException("The two passwords differ. Nothing was changed.");
        }

        return password;
    }

    private static string? ReadLine()
    {
        try
        {
            using var input = new StreamReader(
                Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return input.ReadLine();
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException("The password on standard input is not UTF-8. Nothing was changed.");
        }
    }

    private static string Ask(string question)
    {
        Console.Error.Write(question);
        var typed = new StringBuilder();
        // Otherwise Ctrl+C would wait for the next key.
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                switch (key)
                {
                    case { Key: ConsoleKey.Enter }:
                        return typed.ToString();
                    case { Key: ConsoleKey.C or ConsoleKey.D, Modifiers: ConsoleModifiers.Control }:
                        throw new OperationCanceledException();
                    case { Key: ConsoleKey.Backspace }:
                        typed.Length -= typed.Length == 0 ? 0 : typed.Length > 1 && char.IsLowSurrogate(typed[^1]) ? 2 : 1;
                        break;
                    case { KeyChar: not '\0' and var letter } when !char.IsControl(letter):
                        typed.Append(letter);
                        break;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
            Console.Error.WriteLine();
        }
    }
}
