import type { AuthorCount } from "../shared/types.ts";
import { ClearButton } from "./clear-button.tsx";
import { useServerState } from "./portcullis.ts";

export function AdminPage() {
	const { authors, $withheld } = useServerState("notes");
	return (
		<>
			<h1>Admin</h1>
			<p className="lead">
				Only members of the group admins see this page. The table and the button behind it ask the same question again.
			</p>
			<section className="card section" aria-labelledby="authors">
				<h2 id="authors">Who wrote how much</h2>
				{$withheld.authors ? (
					<p className="empty">This is for admins, and you are none any more.</p>
				) : (
					<>
						<AuthorTable authors={authors} />
						<div className="actions">
							<ClearButton />
						</div>
					</>
				)}
			</section>
		</>
	);
}

function AuthorTable({ authors }: { authors: readonly AuthorCount[] }) {
	if (authors.length === 0) return <p className="empty">Nobody has written anything.</p>;
	return (
		<table>
			<thead>
				<tr>
					<th scope="col">Person</th>
					<th scope="col" className="number">
						Notes
					</th>
				</tr>
			</thead>
			<tbody>
				{authors.map(({ author, notes }, index) => (
					// Two people may have the same name, and a row keeps nothing of its own.
					// biome-ignore lint/suspicious/noArrayIndexKey: see above
					<tr key={index}>
						<td>{author}</td>
						<td className="number">{notes}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
