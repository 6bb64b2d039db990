export default (url: string): string => `fetched ${url}`;
