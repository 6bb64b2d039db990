export const Page = ({ title, items }: { title: string; items: number[] }) => (
  <html lang="en">
    <head>
      <title>{title}</title>
    </head>
    <body class="page">
      <>
        {items.map((item) => (
          <li>{item} &amp; more</li>
        ))}
      </>
    </body>
  </html>
);
