using Bioscope.Server.Accounts;
using OtpNet;

namespace Bioscope.Server.Tests;

/// <summary>Codes as people type them, and when an app's code is right.</summary>
public sealed class SecondFactorCodeTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(1, SecondFactorCode.SecretBytes).Select(i => (byte)i)];

    [Theory]
    [InlineData("123456", "123456", false)]
    [InlineData(" 123 456 ", "123456", false)]
    [InlineData("123-456", "123456", false)]
    [InlineData("000000", "000000", false)]
    [InlineData("01234-56789", "0123456789", true)]
    [InlineData("0 1 2 3 4 5 6 7 8 9", "0123456789", true)]
    [InlineData("0123456789", "0123456789", true)]
    public void Blanks_and_hyphens_are_ignored(string typed, string digits, bool isRecoveryCode)
    {
        var code = SecondFactorCode.Parse(typed)!;

        Assert.Equal((digits, isRecoveryCode), (code.Digits, code.IsRecoveryCode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("123456789")]
    [InlineData("01234567890")]
    [InlineData("12345a")]
    [InlineData("12345.")]
    [InlineData("+12345")]
    [InlineData("123\t456")]
    [InlineData("١٢٣٤٥٦")] // digits of another script have another length in bytes
    [InlineData("１２３４５６")]
    [InlineData("------")]
    public void Anything_else_is_no_code(string typed) => Assert.Null(SecondFactorCode.Parse(typed));

    [Fact]
    public void An_apps_code_is_right_one_step_around_its_own()
    {
        var begins = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero); // a whole step of 30 seconds
        var code = SecondFactorCode.Parse(new Totp(Secret).ComputeTotp(begins.UtcDateTime))!;
        var step = (int)(begins.ToUnixTimeSeconds() / 30);

        foreach (var (seconds, isRight) in ((double, bool)[])[(-30.001, false), (-30, true), (0, true), (29.999, true), (59.999, true), (60, false)])
        {
            Assert.Equal((seconds, isRight ? step : null), (seconds, code.StepOf(Secret, begins.AddSeconds(seconds))));
        }

        Assert.Null(code.StepOf([.. Secret.Reverse()], begins));
    }

    [Fact]
    public void A_recovery_code_is_never_an_apps_code()
    {
        var code = SecondFactorCode.Parse("0123456789")!;

        Assert.Null(code.StepOf(Secret, TestApp.Start));
    }

    [Fact]
    public void New_recovery_codes_differ_and_are_read_back()
    {
        var codes = Enumerable.Range(0, SecondFactorCode.RecoveryCodes).Select(_ => SecondFactorCode.NewRecoveryCode()).ToList();

        Assert.All(codes, code => Assert.Matches("^[0-9]{5}-[0-9]{5}$", code));
        Assert.All(codes, code => Assert.True(SecondFactorCode.Parse(code)!.IsRecoveryCode));
        Assert.Equal(codes.Count, codes.Distinct().Count());
    }

    [Fact]
    public void An_app_reads_issuer_account_and_secret()
    {
        var uri = new Uri(SecondFactorCode.UriOf(Secret, "anna+x@bücher.example", "My links: A&B"));

        Assert.Equal("otpauth://totp/", uri.GetLeftPart(UriPartial.Authority) + "/");
        Assert.Equal("/My%20links%3A%20A%26B:anna%2Bx%40b%C3%BCcher.example", uri.AbsolutePath);
        Assert.Equal($"?secret={SecondFactorCode.TextOf(Secret)}&issuer=My%20links%3A%20A%26B", uri.Query);
        Assert.Matches("^[A-Z2-7]{32}$", SecondFactorCode.TextOf(Secret));
    }
}
