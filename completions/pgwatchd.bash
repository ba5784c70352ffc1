# bash completion for pgwatchd; made by: pgwatchd completion bash
_pgwatchd() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words
  if (( COMP_CWORD == 1 )); then
    mapfile -t COMPREPLY < <(compgen -W 'run status probe health incidents why recover restart undo pause resume backup check-config setup-database test-alert completion version help --help --version' -- "$word")
    return
  fi
  if [[ $command == backup ]]; then
    if (( COMP_CWORD == 2 )); then
      mapfile -t COMPREPLY < <(compgen -W 'create list show verify drill prune restore drop-old' -- "$word")
      return
    fi
    command="backup ${COMP_WORDS[2]}"
  fi
  case $command:$before in
    'run:--log-format') words=$(compgen -W 'auto json journal pretty' -- "$word") ;;
    'run:--config' | 'run:-c') words=$(compgen -f -- "$word") ;;
    'status:--cluster') words=$(true) ;;
    'status:--config' | 'status:-c') words=$(compgen -f -- "$word") ;;
    'probe:--cluster') words=$(true) ;;
    'probe:--config' | 'probe:-c') words=$(compgen -f -- "$word") ;;
    'health:--cluster') words=$(true) ;;
    'health:--config' | 'health:-c') words=$(compgen -f -- "$word") ;;
    'incidents:--cluster') words=$(true) ;;
    'incidents:--config' | 'incidents:-c') words=$(compgen -f -- "$word") ;;
    'why:--cluster') words=$(true) ;;
    'why:--config' | 'why:-c') words=$(compgen -f -- "$word") ;;
    'recover:--cluster') words=$(true) ;;
    'recover:--config' | 'recover:-c') words=$(compgen -f -- "$word") ;;
    'restart:--cluster') words=$(true) ;;
    'restart:--config' | 'restart:-c') words=$(compgen -f -- "$word") ;;
    'undo:--config' | 'undo:-c') words=$(compgen -f -- "$word") ;;
    'pause:--for') words=$(true) ;;
    'pause:--cluster') words=$(true) ;;
    'pause:--config' | 'pause:-c') words=$(compgen -f -- "$word") ;;
    'resume:--cluster') words=$(true) ;;
    'resume:--config' | 'resume:-c') words=$(compgen -f -- "$word") ;;
    'backup create:--cluster') words=$(true) ;;
    'backup create:--config' | 'backup create:-c') words=$(compgen -f -- "$word") ;;
    'backup list:--cluster') words=$(true) ;;
    'backup list:--config' | 'backup list:-c') words=$(compgen -f -- "$word") ;;
    'backup show:--cluster') words=$(true) ;;
    'backup show:--config' | 'backup show:-c') words=$(compgen -f -- "$word") ;;
    'backup verify:--cluster') words=$(true) ;;
    'backup verify:--config' | 'backup verify:-c') words=$(compgen -f -- "$word") ;;
    'backup drill:--cluster') words=$(true) ;;
    'backup drill:--config' | 'backup drill:-c') words=$(compgen -f -- "$word") ;;
    'backup prune:--cluster') words=$(true) ;;
    'backup prune:--config' | 'backup prune:-c') words=$(compgen -f -- "$word") ;;
    'backup restore:--database') words=$(true) ;;
    'backup restore:--cluster') words=$(true) ;;
    'backup restore:--config' | 'backup restore:-c') words=$(compgen -f -- "$word") ;;
    'backup drop-old:--cluster') words=$(true) ;;
    'backup drop-old:--config' | 'backup drop-old:-c') words=$(compgen -f -- "$word") ;;
    'check-config:--config' | 'check-config:-c') words=$(compgen -f -- "$word") ;;
    'setup-database:--cluster') words=$(true) ;;
    'setup-database:--config' | 'setup-database:-c') words=$(compgen -f -- "$word") ;;
    'test-alert:--config' | 'test-alert:-c') words=$(compgen -f -- "$word") ;;
    'completion:--config' | 'completion:-c') words=$(compgen -f -- "$word") ;;
    'version:--config' | 'version:-c') words=$(compgen -f -- "$word") ;;
    'help:--config' | 'help:-c') words=$(compgen -f -- "$word") ;;
    *) case $command:$word in
    'run:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--log-format --before-start --config --json --help' -- "$word"); else words=$(true); fi ;;
    'status:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'probe:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'health:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'incidents:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --all --config --json --help' -- "$word"); else words=$(true); fi ;;
    'why:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'recover:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--plan --yes --cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'restart:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--plan --yes --cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'undo:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--plan --yes --config --json --help' -- "$word"); else words=$(true); fi ;;
    'pause:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--for --cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'resume:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup create:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup list:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup show:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup verify:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup drill:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup prune:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--cluster --plan --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup restore:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--database --yes --cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'backup drop-old:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--plan --yes --cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'check-config:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--config --json --help' -- "$word"); else words=$(compgen -f -- "$word"); fi ;;
    'setup-database:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--print --undo --cluster --config --json --help' -- "$word"); else words=$(true); fi ;;
    'test-alert:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--config --json --help' -- "$word"); else words=$(true); fi ;;
    'completion:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--config --json --help' -- "$word"); else words=$(compgen -W 'bash zsh fish' -- "$word"); fi ;;
    'version:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--config --json --help' -- "$word"); else words=$(true); fi ;;
    'help:'*)
      if [[ $word == -* ]]; then words=$(compgen -W '--config --json --help' -- "$word"); else words=$(compgen -W 'run status probe health incidents why recover restart undo pause resume backup check-config setup-database test-alert completion version help' -- "$word"); fi ;;
    esac ;;
  esac
  mapfile -t COMPREPLY <<<"$words"
  [[ -n $words ]] || COMPREPLY=()
}
complete -o filenames -F _pgwatchd pgwatchd
