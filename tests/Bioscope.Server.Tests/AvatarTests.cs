using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Bioscope.Engine.Creators;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Bio;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace Bioscope.Server.Tests;

/// <summary>The picture of a page: what is kept of an upload, who gets it, and what is refused.</summary>
public sealed class AvatarTests
{
    private const string Route = "/api/v1/creators/bio/avatar";

    [Theory, Engines]
    public async Task A_picture_is_uploaded_shown_replaced_and_removed(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAnnaAsync(app);

        var first = await UploadAsync(app, anna, Picture(SKEncodedImageFormat.Png, 600, 400), "image/png");
        var html = await app.Http.GetStringAsync("/@anna", TestContext.Current.CancellationToken);
        Assert.Contains($"""<img class="face" src="/@anna/avatar-{first}-256.webp" width="76" height="76" alt="">""", html, StringComparison.Ordinal);
        Assert.Contains($"/@anna/avatar-{first}-256.webp\">", html, StringComparison.Ordinal);
        foreach (var (size, pixels) in ((string, int)[])[("96", 96), ("256", 256)])
        {
            using var response = await app.GetAsync($"/@anna/avatar-{first}-{size}.webp");
            Assert.Equal("image/webp", response.Content.Headers.ContentType?.ToString());
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl?.ToString());
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            using var codec = SKCodec.Create(SKData.CreateCopy(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
            Assert.Equal((pixels, pixels), (codec.Info.Width, codec.Info.Height));
        }

        var second = await UploadAsync(app, anna, Picture(SKEncodedImageFormat.Jpeg, 300, 900), "image/jpeg");
        Assert.NotEqual(first, second);
        await AssertGoneAsync(first);
        using var removed = await SendAsync(app, anna, HttpMethod.Delete, null, "");
        Assert.Equal("""{"ok":true}""", (await removed.DataAsync()).GetRawText());
        await AssertGoneAsync(second);
        Assert.DoesNotContain("avatar", await app.OkBioAsync(anna, "GET", ""), StringComparison.Ordinal);

        async Task AssertGoneAsync(string hash)
        {
            using var response = await app.GetAsync($"/@anna/avatar-{hash}-256.webp");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_hidden_pages_picture_and_other_sizes_are_404()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddAnnaAsync(app);
        var hash = await UploadAsync(app, anna, Picture(SKEncodedImageFormat.Webp, 300, 300), "image/webp");
        await app.OkBioAsync(await app.AddCreatorAsync(), "PUT", "", """{"handle":"ben"}""");

        foreach (var path in (string[])[$"/@anna/avatar-{hash}-512.webp", "/@anna/avatar-0-96.webp", $"/@ben/avatar-{hash}-96.webp", $"/@nobody/avatar-{hash}-96.webp"])
        {
            using var response = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        await app.OkBioAsync(anna, "PUT", "", """{"published":false}""");
        using var hidden = await app.GetAsync($"/@anna/avatar-{hash}-96.webp");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        await app.OkBioAsync(anna, "PUT", "", """{"published":true}""");
        await Suspension.BeginAsync(app.Main, anna.UserId, app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        app.Services.GetRequiredService<SuspendedCreators>().Forget();
        using var suspended = await app.GetAsync($"/@anna/avatar-{hash}-96.webp");
        Assert.Equal(HttpStatusCode.NotFound, suspended.StatusCode);
    }

    [Fact]
    public void Nothing_of_the_file_but_its_pixels_is_kept()
    {
        // A camera's note of where it was, and a second file behind the picture.
        var jpeg = Picture(SKEncodedImageFormat.Jpeg, 400, 400);
        byte[] note = [.. "Exif\0\0GPS 52.5200 N"u8, .. "<script>alert(1)</script>"u8];
        byte[] polyglot = [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(note.Length + 2), .. note, .. jpeg[2..], .. "<html><script>alert(2)</script>PK\x03\x04"u8];

        var (image, problem) = AvatarImage.Of(polyglot);

        Assert.Null(problem);
        foreach (var kept in (byte[][])[image!.Small, image.Large])
        {
            var text = Encoding.Latin1.GetString(kept);
            Assert.StartsWith("RIFF", text, StringComparison.Ordinal);
            Assert.DoesNotContain("script", text, StringComparison.Ordinal);
            Assert.DoesNotContain("GPS", text, StringComparison.Ordinal);
            Assert.DoesNotContain("EXIF", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    // The colour of the upper left corner after the picture was turned as the camera says.
    [InlineData(1, "red")]
    [InlineData(3, "blue")]
    [InlineData(6, "white")]
    [InlineData(8, "green")]
    public void A_picture_is_upright(byte orientation, string upperLeft)
    {
        // red green / white blue
        using var bitmap = new SKBitmap(400, 400);
        using (var canvas = new SKCanvas(bitmap))
        {
            foreach (var (x, y, colour) in ((int, int, SKColor)[])[(0, 0, SKColors.Red), (1, 0, SKColors.Lime), (0, 1, SKColors.White), (1, 1, SKColors.Blue)])
            {
                using var paint = new SKPaint { Color = colour };
                canvas.DrawRect(x * 200, y * 200, 200, 200, paint);
            }
        }

        var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95).ToArray();
        byte[] exif = [.. "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"u8, orientation, 0, 0, 0, 0, 0, 0];
        byte[] turned = [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];

        var (image, _) = AvatarImage.Of(turned);

        using var shown = SKBitmap.Decode(image!.Large);
        var corner = shown.GetPixel(40, 40);
        var name = (corner.Red > 128, corner.Green > 128, corner.Blue > 128) switch
        {
            (true, true, true) => "white",
            (true, false, false) => "red",
            (false, true, false) => "green",
            (false, false, true) => "blue",
            _ => corner.ToString(),
        };
        Assert.Equal(upperLeft, name);
    }

    [Fact]
    public void Even_noise_has_up_to_40_KB()
    {
        var random = new Random(7);
        using var bitmap = new SKBitmap(new SKImageInfo(512, 512, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < 512; y++)
        {
            for (var x = 0; x < 512; x++)
            {
                bitmap.SetPixel(x, y, new SKColor((uint)random.NextInt64(0xFF000000, 0x1_0000_0000)));
            }
        }

        var (image, _) = AvatarImage.Of(bitmap.Encode(SKEncodedImageFormat.Png, 100).ToArray());

        Assert.InRange(image!.Large.Length, 1_000, AvatarImage.MaxBytes);
        Assert.InRange(image.Small.Length, 500, AvatarImage.MaxBytes);
    }

    public static TheoryData<string, byte[], string> Refused => new()
    {
        { "svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8.ToArray(), "the picture must be a JPEG, PNG or WebP file" },
        { "gif", "GIF89a/*<script>*/"u8.ToArray(), "the picture must be a JPEG, PNG or WebP file" },
        { "html", "<!doctype html>"u8.ToArray(), "the picture must be a JPEG, PNG or WebP file" },
        { "empty", [], "the picture must be a JPEG, PNG or WebP file" },
        { "avif", "\0\0\0\u001cftypavif\0\0\0\0"u8.ToArray(), "an AVIF picture needs the dashboard's script, which converts it; choose a JPEG, PNG or WebP picture instead" },
        { "only a signature", [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], "the picture cannot be read" },
        { "cut", Picture(SKEncodedImageFormat.Png, 300, 300)[..^40], "the picture cannot be read to its end" },
        { "wide", Header(8_193, 10), "the picture must have at most 24 million pixels, and 8192 on each side" },
        { "bomb", Header(8_000, 8_000), "the picture must have at most 24 million pixels, and 8192 on each side" },
        { "largest bomb", Header(0x7FFFFFFF, 0x7FFFFFFF), "the picture" },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Other_files_and_bombs_are_refused(string what, byte[] file, string expected)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var (image, problem) = AvatarImage.Of(file);

        Assert.Null(image);
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000, what);
    }

    [Fact]
    public async Task Too_large_and_other_uploads_are_refused()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddAnnaAsync(app);

        using var large = await SendAsync(app, anna, HttpMethod.Put, new byte[AvatarImage.MaxUploadBytes + 1], "image/png");
        await large.AssertErrorAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "error.payload_too_large");
        using var other = await SendAsync(app, anna, HttpMethod.Put, Picture(SKEncodedImageFormat.Png, 9, 9), "application/json");
        await other.AssertErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "error.unsupported_media_type");
        using var none = await SendAsync(app, null, HttpMethod.Put, Picture(SKEncodedImageFormat.Png, 9, 9), "image/png");
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        // Even the smallest is shown.
        await UploadAsync(app, anna, Picture(SKEncodedImageFormat.Png, 1, 1), "image/png");
    }

    [Theory, Engines]
    public async Task The_form_uploads_and_removes_a_picture(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var page = await visit.ReadAsync("/dashboard/page");
        var picture = Picture(SKEncodedImageFormat.Png, 3_000, 2_000);

        using var forged = await PostAsync("", picture, "");
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        using var svg = await PostAsync(DashboardVisit.FormField(page), "<svg></svg>"u8.ToArray(), "");
        Assert.Contains(
            "Not saved: the picture must be a JPEG, PNG or WebP file.",
            await svg.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("avatar", await app.OkBioAsync(anna, "GET", ""), StringComparison.Ordinal);
        using var saved = await PostAsync(DashboardVisit.FormField(page), picture, "");
        Assert.Equal((HttpStatusCode.SeeOther, "/dashboard/page?saved=1"), (saved.StatusCode, saved.Headers.Location?.ToString()));
        Assert.Contains("avatar", await app.OkBioAsync(anna, "GET", ""), StringComparison.Ordinal);
        Assert.Contains("<img class=\"face\" src=\"data:image/webp;base64,", await visit.ReadAsync("/dashboard/page"), StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/webp;base64,", await visit.ReadAsync("/dashboard/page/preview"), StringComparison.Ordinal);
        using var removed = await PostAsync(DashboardVisit.FormField(page), [], "1");
        Assert.DoesNotContain("avatar", await app.OkBioAsync(anna, "GET", ""), StringComparison.Ordinal);

        async Task<HttpResponseMessage> PostAsync(string field, byte[] file, string remove)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent(field), "form" }, { new StringContent(remove), "remove" }, { new ByteArrayContent(file), "picture", "me.png" },
            };
            return await visit.Http.PostAsync("/dashboard/page/avatar", form, TestContext.Current.CancellationToken);
        }
    }

    private static byte[] Picture(SKEncodedImageFormat format, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColors.Orange);
        return bitmap.Encode(format, 90).ToArray();
    }

    /// <summary>A PNG file whose header says how large it is, and that has next to nothing in it.</summary>
    private static byte[] Header(int width, int height)
    {
        var png = Picture(SKEncodedImageFormat.Png, 1, 1);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
        return png;

        static uint Crc(ReadOnlySpan<byte> bytes)
        {
            var crc = uint.MaxValue;
            foreach (var b in bytes)
            {
                crc ^= b;
                for (var bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
                }
            }

            return ~crc;
        }
    }

    private static async Task<Creator> AddAnnaAsync(TestApp app)
    {
        var anna = await app.AddCreatorAsync();
        await app.OkBioAsync(anna, "PUT", "", """{"handle":"anna"}""");
        return anna;
    }

    /// <returns>The hash in the picture's addresses.</returns>
    private static async Task<string> UploadAsync(TestApp app, Creator creator, byte[] file, string type)
    {
        using var response = await SendAsync(app, creator, HttpMethod.Put, file, type);
        return (await response.DataAsync()).GetProperty("avatar").GetString()!;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestApp app, Creator? creator, HttpMethod method, byte[]? file, string type)
    {
        using var request = new HttpRequestMessage(method, Route);
        request.Headers.Authorization = creator is null ? null : new AuthenticationHeaderValue("Bearer", app.Token(creator));
        if (file is not null)
        {
            request.Content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        }

        return await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
