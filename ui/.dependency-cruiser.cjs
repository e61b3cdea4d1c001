// The arrows: lib <- design, lib <- api, {design, api} <- features/<noun> <- routes <- app. No cycles.
const only = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.tsx?$' },
  to: { path: '^src/', pathNot: to },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { pathNot: '\\.gen\\.ts$' } } },
    only('lib-knows-nothing', '^src/lib/', '^src/lib/'),
    only('design-knows-lib', '^src/design/', '^src/(lib|design)/'),
    only('api-knows-lib', '^src/api/', '^src/(lib|api)/'),
    only('features-know-design-and-api', '^src/features/', '^src/(lib|design|api|features)/'),
    only('routes-know-features', '^src/routes/', '^src/(lib|design|api|features|routes)/'),
    {
      name: 'features-meet-in-public',
      comment: 'What a noun lends to others stands in its public.ts.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/features/([^/]+)/', pathNot: '^src/features/($1/|[^/]+/public\\.ts$)' },
    },
    {
      name: 'tests-are-not-used',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.tsx?$|^src/test/' },
      to: { path: '^src/test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
