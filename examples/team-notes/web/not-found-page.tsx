export function NotFoundPage() {
	return (
		<section className="hero">
			<h1>There is no such page</h1>
			<p className="lead">It may have moved, or the address has a typo.</p>
			<p className="actions">
				<a className="button" href="/notes">
					Go to the notes
				</a>
			</p>
		</section>
	);
}
