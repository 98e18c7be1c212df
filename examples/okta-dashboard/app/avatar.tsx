interface AvatarProps {
	readonly name: string;
	/** The URL that the identity provider names: only http and https are shown. */
	readonly picture: string | null;
	readonly size?: "small" | "large";
}

/** A picture beside a name that says the same, or the first letters of that name. */
export function Avatar({ name, picture, size = "small" }: AvatarProps) {
	const className = `avatar ${size}`;
	if (picture && /^https?:\/\//i.test(picture))
		return <img className={className} src={picture} alt="" referrerPolicy="no-referrer" />;
	const letters = name.split(/\s+/).map((word) => word.slice(0, 1));
	return (
		<span className={className} aria-hidden="true">
			{letters.slice(0, 2).join("").toUpperCase()}
		</span>
	);
}
