using Klp.Base;

namespace Klp.Symbols;

/// <summary>A place in a source that is looked up when a message needs it: a module without a fault never has its line table read.</summary>
public sealed class LazyPlace(Func<SourcePlace> find)
{
    private readonly Lazy<SourcePlace> _place = new(find);

    public static LazyPlace None { get; } = new(() => SourcePlace.None);

    public SourcePlace Value => _place.Value;

    public static implicit operator LazyPlace(SourcePlace place) => FromSourcePlace(place);

    public static LazyPlace FromSourcePlace(SourcePlace place) => new(() => place);
}
