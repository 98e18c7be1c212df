/** One number, inside a `<dl>`. */
export function Figure({ name, value }: { name: string; value: string }) {
	return (
		<div className="figure">
			<dt>{name}</dt>
			<dd>{value}</dd>
		</div>
	);
}
