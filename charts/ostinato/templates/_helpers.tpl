{{/* Names, labels and what all pods have in common. Each takes the root context, or (dict "root" $ "part" "api"). */}}

{{- define "ostinato.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "ostinato.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "ostinato.labels" -}}
{{ include "ostinato.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "ostinato.image" -}}
{{- $registry := .root.Values.image.registry | trimSuffix "/" -}}
{{- $tag := .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- if $registry }}{{ $registry }}/{{ end }}ostinato/{{ .part }}:{{ $tag }}
{{- end -}}

{{- define "ostinato.secretName" -}}
{{- .Values.existingSecret | default (include "ostinato.fullname" .) -}}
{{- end -}}

{{/* Refuses values that contradict one another, or lack something. */}}
{{- define "ostinato.check" -}}
{{- $given := or .Values.database.url .Values.database.migratorUrl .Values.redis.url .Values.encryptionKey .Values.authString -}}
{{- if and .Values.existingSecret $given -}}
{{- fail "existingSecret is set: leave database.url, database.migratorUrl, redis.url, encryptionKey and authString empty" -}}
{{- end -}}
{{- if not .Values.existingSecret -}}
{{- $_ := required "database.url is required: postgresql+asyncpg://USER:PASSWORD@HOST:5432/DATABASE" .Values.database.url -}}
{{- $_ := required "redis.url is required: the processes wake one another through it" .Values.redis.url -}}
{{- $_ := required "encryptionKey is required: openssl rand -base64 32" .Values.encryptionKey -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts is required where ingress.enabled is true" -}}
{{- end -}}
{{- end -}}

{{- define "ostinato.env" -}}
- name: OSTINATO_API_DATABASE_MIGRATE_ON_START
  value: "false"
- name: OSTINATO_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE
  value: {{ .Values.database.poolSize | quote }}
- name: OSTINATO_SERVER_METRICS_ENABLED
  value: {{ .Values.metrics.enabled | quote }}
{{- if and .Values.ingress.enabled (not (hasKey .Values.settings "OSTINATO_UI_URL")) }}
- name: OSTINATO_UI_URL
  value: {{ printf "%s://%s" (ternary "https" "http" (ne .Values.ingress.tlsSecret "")) (first .Values.ingress.hosts) | quote }}
{{- end }}
{{- if and .Values.ingress.enabled (not (hasKey .Values.settings "OSTINATO_SERVER_API_PROXIES")) }}
- name: OSTINATO_SERVER_API_PROXIES
  value: "1"
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
- name: OSTINATO_API_DATABASE_CONNECTION_URL
  valueFrom: { secretKeyRef: { name: {{ include "ostinato.secretName" . }}, key: database-url } }
- name: OSTINATO_REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ include "ostinato.secretName" . }}, key: redis-url } }
- name: OSTINATO_ENCRYPTION_KEY
  valueFrom: { secretKeyRef: { name: {{ include "ostinato.secretName" . }}, key: encryption-key } }
- name: OSTINATO_SERVER_API_AUTH_STRING
  valueFrom: { secretKeyRef: { name: {{ include "ostinato.secretName" . }}, key: auth-string, optional: true } }
{{- end -}}

{{- define "ostinato.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "ostinato.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "ostinato.mounts" -}}
- { name: home, mountPath: /var/lib/ostinato }
- { name: tmp, mountPath: /tmp }
{{- end -}}

{{- define "ostinato.volumes" -}}
- { name: home, emptyDir: { sizeLimit: 64Mi } }
- { name: tmp, emptyDir: { sizeLimit: 256Mi } }
{{- end -}}

{{/* Where pods may run; takes (dict "root" $ "part" "api" "values" .Values.api). */}}
{{- define "ostinato.placement" -}}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
{{- if .values.topologySpreadConstraints }}
  {{- toYaml .values.topologySpreadConstraints | nindent 2 }}
{{- else }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "ostinato.selector" . | nindent 8 }}
{{- end }}
{{- end -}}
