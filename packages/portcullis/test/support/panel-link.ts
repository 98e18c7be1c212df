/**
 * Hears what is printed with `console.info` from now on: the only place where the link to the
 * developer panel stands.
 */
export function hearPanelLinks(): () => readonly string[] {
	const links: string[] = [];
	console.info = (line: unknown) => {
		const [, link] = /^portcullis panel: (\S+)$/.exec(String(line)) ?? [];
		if (link !== undefined) links.push(link);
	};
	return () => links;
}
