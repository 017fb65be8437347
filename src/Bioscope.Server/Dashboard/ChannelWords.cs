using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The display names of channels, as Google Analytics calls them in each language.</summary>
internal sealed class ChannelWords(Words words) : WordArea(words, "Channel")
{
    public string Direct => Text();
    public string OrganicSearch => Text();
    public string OrganicSocial => Text();
    public string OrganicVideo => Text();
    public string OrganicShopping => Text();
    public string Assistants => Text();
    public string Messengers => Text();
    public string Email => Text();
    public string Sms => Text();
    public string Referral => Text();
    public string PaidSearch => Text();
    public string PaidSocial => Text();
    public string PaidVideo => Text();
    public string PaidOther => Text();
    public string Display => Text();
    public string Affiliates => Text();
    public string Audio => Text();
    public string Push => Text();
    public string CrossNetwork => Text();

    /// <summary>The display name of a channel; what is none stays as it is.</summary>
    internal string Of(string channel) => channel switch
    {
        Core.Channel.Direct => Direct,
        Core.Channel.OrganicSearch => OrganicSearch,
        Core.Channel.OrganicSocial => OrganicSocial,
        Core.Channel.OrganicVideo => OrganicVideo,
        Core.Channel.OrganicShopping => OrganicShopping,
        Core.Channel.Assistants => Assistants,
        Core.Channel.Messengers => Messengers,
        Core.Channel.Email => Email,
        Core.Channel.Sms => Sms,
        Core.Channel.Referral => Referral,
        Core.Channel.PaidSearch => PaidSearch,
        Core.Channel.PaidSocial => PaidSocial,
        Core.Channel.PaidVideo => PaidVideo,
        Core.Channel.PaidOther => PaidOther,
        Core.Channel.Display => Display,
        Core.Channel.Affiliates => Affiliates,
        Core.Channel.Audio => Audio,
        Core.Channel.Push => Push,
        Core.Channel.CrossNetwork => CrossNetwork,
        _ => channel,
    };
}
